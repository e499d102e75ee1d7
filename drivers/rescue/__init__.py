"""Making an instrument safe from nothing, when the program that drove it has died: one module per kind of wire."""
