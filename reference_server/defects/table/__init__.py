"""All defects, by what they spoil."""
