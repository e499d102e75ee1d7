"""cascadescope: acquisition and analysis for single-nanocrystal cascade spectroscopy."""
