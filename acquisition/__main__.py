"""Runs the command line: ``python -m acquisition demo``."""

import sys

from acquisition.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
