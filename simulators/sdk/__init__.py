"""Doubles of vendors' libraries: the same functions, called in the same way, on the simulated bench."""
