"""Choosing, checking, starting and steering a run."""
