"""``python -m sync_check`` is the command ``sync-check``."""

from sync_check.cli import main

if __name__ == "__main__":
    main()
