"""What people read: sinks of a run's event stream."""

if __name__ != "sync_check.reports":
    raise ImportError("This folder is the package sync_check.reports; import it under that name.")
