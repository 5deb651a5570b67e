"""Lints of guidelines: one file each, which carries its own examples."""
