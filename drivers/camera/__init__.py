"""Drivers of cameras."""
