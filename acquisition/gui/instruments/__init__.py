"""A card for each instrument: what is set, what is read back, what is wrong."""
