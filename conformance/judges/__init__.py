"""Judges: pure functions of the recorded history that return findings and witnesses."""
