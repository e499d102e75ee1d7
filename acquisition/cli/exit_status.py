"""How a command ends; wrong usage is 2, which the command-line library sees to."""

SUCCESS = 0
FAILED = 1
INTERRUPTED = 130
