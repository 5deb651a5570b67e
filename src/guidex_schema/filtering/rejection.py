"""What the file of rejected rows says of a row: itself, where it stood, what was found, and what was dropped of it."""

import json
from base64 import b64encode
from dataclasses import asdict

from guidex_schema.datasets import Row
from guidex_schema.datasets.json_text import Notes, json_object
from guidex_schema.display import json_text
from guidex_schema.filtering import Outcome
from guidex_schema.isolation import Isolation
from guidex_schema.json_leaf import unique
from guidex_schema.reports.json_lines import finding


def rejected_line(outcome: Outcome, isolation: Isolation | None, notes: Notes) -> bytes | None:
    """Give the line of JSONL for a row that is not kept as it was.

    ``{"record" or "raw_base64", "source": {"file", "index", "id", "line", "split"}, "diagnostics", "dropped",
    "fixed"}``. A row of JSON stands in ``record`` character by character, one that is none in ``raw_base64``. A row
    that is kept, but not as it was, stands in ``original`` (or ``original_base64``) in its place: ``dropped`` has what
    it lacks, ``fixed`` the findings that were mended, each with its edits to what the row was then. All that was kept
    as it was and all of ``record``, ``raw_base64`` and ``original`` together is the input. A file of which there are no
    bytes has none of them.

    Args:
        outcome: what became of it.
        isolation: how far the jail was closed in which its labels were read.
        notes: told of columns that hold what JSON does not have.

    Returns:
        The line with its end; None for what is kept as it was, and for what is about no row or file.

    Raises:
        UsageError: the row is of another format than JSON, and nested too deeply for it.

    Source:
        SPEC 23.
    """
    if not outcome.is_row or (outcome.kept is not None and not outcome.is_changed):
        return None
    row = outcome.row
    reference = row.reference
    told = {
        "source": {
            "file": row.file,
            "index": reference and reference.index,
            "id": reference and reference.id,
            "line": reference and reference.line,
            "split": row.split or None,
        },
        "diagnostics": [finding(one, isolation) for one in outcome.diagnostics],
        "dropped": [_without_kind(asdict(one)) for one in outcome.dropped],
        "fixed": [finding(one, isolation) for one in outcome.fixed],
    }
    names = ("record", "raw_base64") if outcome.kept is None else ("original", "original_base64")
    return f"{{{itself(row, notes, *names)}{json_text(told)[1:]}\n".encode("utf-8", "backslashreplace")


def _without_kind(dropped: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in dropped.items() if name != "is_instance"}


def itself(row: Row, notes: Notes, name: str, name_of_bytes: str) -> str:
    """Give the field that holds a row, with the comma behind it; nothing for what has no row.

    Args:
        row: as it was read.
        notes: told of columns that hold what JSON does not have.
        name: of the field that holds it as JSON.
        name_of_bytes: of the field that holds what is no JSON, in base64.

    Raises:
        UsageError: the row is of another format than JSON, and nested too deeply for it.
    """
    if row.raw is not None:
        text = _json(row.raw)
        if text is None:
            return f'"{name_of_bytes}": "{b64encode(row.raw).decode("ascii")}", '
        return f'"{name}": {text}, '
    return f'"{name}": {json_object(row.content, notes)}, ' if row.content is not None else ""


def _json(raw: bytes) -> str | None:
    """Give a row as it stands, or None where other readers of JSON would not read it, or only a part of it."""
    try:
        text = raw.decode("utf-8").strip(" \t\r\n")
        json.loads(text, object_pairs_hook=unique, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return text


def _refuse(constant: str) -> object:
    """Refuse ``NaN`` and ``Infinity``, which Python reads and JSON does not have (RFC 8259, section 6)."""
    raise ValueError(constant)
