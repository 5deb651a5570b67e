"""Rules about the answers of a model: one file each, found by being here."""
