"""Simulated instruments that share one bench: the same interfaces, no hardware."""
