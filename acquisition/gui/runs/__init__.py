"""The runs that were made: finding, comparing, analysing anew, resuming."""
