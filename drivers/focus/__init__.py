"""Drivers of focus drives."""
