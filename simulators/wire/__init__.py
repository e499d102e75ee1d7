"""Simulators that speak the wire of an instrument, for programs that drive it as if it were real."""
