"""Drivers of power meters."""
