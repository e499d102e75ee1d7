"""Drivers of shutters."""
