"""What a check has found, held to what is known to be wrong."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from corpus import Row

# What lints say of made-up guidelines is not known beforehand.
LINTS = "GX1"


def differences(findings: Path, rows: Iterable[Row]) -> list[str]:
    """Name every fault that was missed, and every finding of something that is not wrong.

    Args:
        findings: a report in JSON Lines.
        rows: of the dataset, in order.
    """
    told = (json.loads(line) for line in findings.read_text("utf-8").splitlines())
    found = Counter(
        (one["record"]["index"], one["code"], one["path"]) for one in told if not one["code"].startswith(LINTS)
    )
    known = Counter((place, one.code, one.path) for place, row in enumerate(rows) for one in row.known)
    return [
        *(_words("missed", *fault) for fault in (known - found).elements()),
        *(_words("found without a fault", *fault) for fault in (found - known).elements()),
    ]


def _words(what: str, row: int, code: str, path: str | None) -> str:
    return f"{what} in row {row}: {code}{f' at {path}' if path else ''}"
