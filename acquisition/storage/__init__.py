"""Run folders, photon segments and Photon-HDF5 files."""
