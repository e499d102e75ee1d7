"""Drivers of pulsed lasers."""
