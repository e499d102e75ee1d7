"""Benches: what the program promises, measured on the computer at hand; `cascadescope bench` runs them."""
