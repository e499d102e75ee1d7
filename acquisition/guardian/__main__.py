"""Runs the guardian: ``python -m acquisition.guardian``; started by `acquisition.guardian.launch` only."""

import sys

from acquisition.guardian.process import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
