"""A network and a clock that exist in memory only: the same seed gives the same bytes at the same times."""
