"""Drivers of XY stages."""
