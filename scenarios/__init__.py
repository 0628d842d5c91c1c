"""What happens: one module per family of scenarios."""

if __name__ != "sync_check.scenarios":
    raise ImportError("This folder is the package sync_check.scenarios; import it under that name.")
