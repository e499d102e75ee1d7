"""Instruments: what may be asked of them (`interfaces`) and, per kind, how each model answers."""
