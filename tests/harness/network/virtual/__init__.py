"""The network and the clock that exist in memory only."""
