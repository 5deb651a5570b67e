"""What a dataset folder says of itself: a dataset card for people and the Hugging Face Hub, and a Croissant file."""

from guidex_schema.card.croissant import croissant
from guidex_schema.card.description import Description
from guidex_schema.card.readme import readme

__all__ = ["Description", "croissant", "readme"]
