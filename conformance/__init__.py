"""What must hold: the contract as data, the executable model, the recorded history and its judges."""

if __name__ != "sync_check.conformance":
    raise ImportError("This folder is the package sync_check.conformance; import it under that name.")
