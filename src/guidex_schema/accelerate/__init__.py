"""Accelerators: each returns the facts of its authority, sooner, or declines; each can be deleted."""
