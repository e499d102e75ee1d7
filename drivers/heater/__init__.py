"""Drivers of heated substrates."""
