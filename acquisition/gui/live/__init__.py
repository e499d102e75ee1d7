"""Panels that show a measurement while it goes on; each registers itself."""
