"""Checks of a record and of a dataset: one file each, which carries its own examples."""
