"""Physics of a nanocrystal with few carriers: level occupations, rates and cascades, as pure functions."""
