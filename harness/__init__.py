"""How clients are driven: connections, replicas, fences and the journal of everything that happened."""

if __name__ != "sync_check.harness":
    raise ImportError("This folder is the package sync_check.harness; import it under that name.")
