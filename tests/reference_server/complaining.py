"""`python -m tests.reference_server.complaining FORMAT`: a warning and an error of others, logged so."""

import logging
import sys
import warnings

from sync_check.reference_server.process import log_to_stderr
from sync_check.reference_server.settings import Settings

if __name__ == "__main__":
    log_to_stderr(Settings.model_validate({"log": sys.argv[1]}))
    warnings.warn("of\nnote", stacklevel=1)
    logging.error("what\nnot")  # noqa: LOG015 - as who knows nothing of loggers does
