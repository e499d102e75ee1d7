"""Plots with units on their axes, in the colours of the theme, that can be saved by right click."""
