"""Drivers of SPAD arrays."""
