"""Drivers of attenuators."""
