"""Grounding: where the document says what a label says, or that it does not."""

from guidex_schema.grounding.document import GroundedDocument, Grounding, GroundingStatus, Passage, ground

__all__ = ["GroundedDocument", "Grounding", "GroundingStatus", "Passage", "ground"]
