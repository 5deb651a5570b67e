"""The transcripts of fixtures/transcripts as one file of JSON Lines, which the package brings along.

``python tests/transcripts.py`` prints it; ``make transcripts`` writes it to where it belongs.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

from guidex_schema.stage_output import StageName

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "fixtures" / "transcripts"
EMBEDDED = ROOT / "src" / "guidex_schema" / "generation" / "transcripts.jsonl"


class Transcript(NamedTuple):
    """What was answered about a document in one stage."""

    document: str
    stage: StageName
    attempt: int
    is_cut: bool
    text: str


def transcripts() -> Iterator[Transcript]:
    """Read them document by document, in the order in which they were given.

    A file is called ``<document>/<stage>.<attempt>.md``, or ``.cut.md`` where the answer ended too early.
    """
    for folder in sorted(FOLDER.iterdir()):
        for stage in get_args(StageName):
            for attempt, path in enumerate(sorted(folder.glob(f"{stage}.*.md"))):
                ending = path.name.removeprefix(f"{stage}.{attempt}.")
                assert ending in ("md", "cut.md"), f"{path} is no answer"
                text = path.read_text(encoding="utf-8").removesuffix("\n")
                yield Transcript(folder.name, stage, attempt, ending == "cut.md", text)


def document(name: str) -> str:
    """Read a document."""
    return (ROOT / "fixtures" / "documents" / f"{name}.txt").read_text(encoding="utf-8")


def digest(text: str) -> str:
    """Name a document by what it says."""
    return hashlib.sha256(text.encode()).hexdigest()


def lines() -> Iterator[str]:
    """Write one line for each. Nobody has counted tokens: the engine estimates them."""
    for transcript in transcripts():
        row = {
            "document": digest(document(transcript.document)),
            "stage": transcript.stage,
            "attempt": transcript.attempt,
            "text": transcript.text,
            "is_cut": transcript.is_cut,
            "model": "hand-written",
        }
        yield json.dumps(row, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.buffer.write("".join(lines()).encode())
