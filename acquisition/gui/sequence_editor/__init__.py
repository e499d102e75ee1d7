"""Editing the steps of a sequence."""
