"""Reading YAML files with units, and saying file, line and key when something is wrong."""
