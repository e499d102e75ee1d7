"""Photon analysis: pure functions and accumulators, the same live, on replay and offline."""
