"""Measurement sequences: steps as frozen data and the engine that carries them out."""
