"""The embedded target: a small server that keeps the contract, with access rules of its own."""

if __name__ != "sync_check.reference_server":
    raise ImportError("This folder is the package sync_check.reference_server; import it under that name.")
