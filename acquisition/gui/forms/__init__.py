"""Forms that are made from the models of steps: a field for each value, with its unit and limits."""
