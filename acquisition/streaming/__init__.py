"""Moving photon blocks from the detector to the recorder and the live analysis."""
