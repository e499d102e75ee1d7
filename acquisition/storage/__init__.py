"""Where photons and results are kept: run folders, append-only segments, Photon-HDF5, and files of others."""
