"""Programs that nobody wrote: drawn at random, played on any target, made small where they find something."""
