"""Validate annotation schemas and annotations that language models write as Python dataclasses.

Guidelines are read and never executed; labels run in a jail, if at all; every finding has a code, a place and, where
there is one, a fix. Names are loaded when they are first used, so importing this package costs nothing.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guidex_schema.datasets import Columns as Columns
    from guidex_schema.datasets import read_dataset as read_dataset
    from guidex_schema.diagnostic import Diagnostic as Diagnostic
    from guidex_schema.diagnostic import Edit as Edit
    from guidex_schema.diagnostic import Fix as Fix
    from guidex_schema.diagnostic import Report as Report
    from guidex_schema.diagnostic import Severity as Severity
    from guidex_schema.error import GuidexError as GuidexError
    from guidex_schema.grounding import GroundedDocument as GroundedDocument
    from guidex_schema.grounding import Grounding as Grounding
    from guidex_schema.grounding import Passage as Passage
    from guidex_schema.guideline import Guideline as Guideline
    from guidex_schema.guideline import parse_guideline as parse_guideline
    from guidex_schema.instance import Instance as Instance
    from guidex_schema.instance import Mention as Mention
    from guidex_schema.instance import Record as Record
    from guidex_schema.isolation import Isolation as Isolation
    from guidex_schema.json_schema import json_schema as json_schema
    from guidex_schema.linting import Linter as Linter
    from guidex_schema.linting import Repair as Repair
    from guidex_schema.rendering import render_guideline as render_guideline
    from guidex_schema.schema import Attribute as Attribute
    from guidex_schema.schema import EntityType as EntityType
    from guidex_schema.schema import Schema as Schema
    from guidex_schema.text import Document as Document
    from guidex_schema.text import Span as Span
    from guidex_schema.thresholds import Thresholds as Thresholds
    from guidex_schema.validation import Validation as Validation
    from guidex_schema.validation import Validator as Validator
    from guidex_schema.validation import validate as validate
    from guidex_schema.worker import Worker as Worker

_MODULES = {
    "Attribute": "schema",
    "Columns": "datasets",
    "Diagnostic": "diagnostic",
    "Document": "text",
    "Edit": "diagnostic",
    "EntityType": "schema",
    "Fix": "diagnostic",
    "GroundedDocument": "grounding",
    "Grounding": "grounding",
    "Guideline": "guideline",
    "GuidexError": "error",
    "Instance": "instance",
    "Isolation": "isolation",
    "Linter": "linting",
    "Mention": "instance",
    "Passage": "grounding",
    "Record": "instance",
    "Repair": "linting",
    "Report": "diagnostic",
    "Schema": "schema",
    "Severity": "diagnostic",
    "Span": "text",
    "Thresholds": "thresholds",
    "Validation": "validation",
    "Validator": "validation",
    "Worker": "worker",
    "json_schema": "json_schema",
    "parse_guideline": "guideline",
    "read_dataset": "datasets",
    "render_guideline": "rendering",
    "validate": "validation",
}

__all__ = [
    "Attribute",
    "Columns",
    "Diagnostic",
    "Document",
    "Edit",
    "EntityType",
    "Fix",
    "GroundedDocument",
    "Grounding",
    "Guideline",
    "GuidexError",
    "Instance",
    "Isolation",
    "Linter",
    "Mention",
    "Passage",
    "Record",
    "Repair",
    "Report",
    "Schema",
    "Severity",
    "Span",
    "Thresholds",
    "Validation",
    "Validator",
    "Worker",
    "json_schema",
    "parse_guideline",
    "read_dataset",
    "render_guideline",
    "validate",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULES[name]}")
    value: object = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Give the public names, loaded or not."""
    return sorted(__all__)
