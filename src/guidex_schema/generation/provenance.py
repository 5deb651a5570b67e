"""Rows as they are written: records with where they come from, in the native form and in that of GuideX."""

import json
from typing import NamedTuple

from guidex_schema.datasets import Columns
from guidex_schema.datasets.json_text import Notes
from guidex_schema.datasets.row import row
from guidex_schema.display import json_text
from guidex_schema.filtering.rejection import itself
from guidex_schema.generation.documents import SourceDocument, Unread
from guidex_schema.generation.outcome import Attempt, Duplicate, Kept, Rejected
from guidex_schema.reports.json_lines import finding

# What stands in the rows that GuideX published around guidelines, document and labels.
_GUIDELINES = "# The following lines describe the task definition\n"
_TEXT = "\n\n# This is the text to analyze\ntext = "
_RESULT = (
    "\n\n# The list called result contains the instances for the following events according to the guidelines above:\n"
    "result = "
)
_TASK = "guidex-schema"


class Origin(NamedTuple):
    """What all rows of a run come from.

    Attributes:
        engine: its name.
        decoding: ``grounded-lark``, ``grounded-ebnf``, ``free`` or ``replayed``.
        seed: of the run; None where nobody has sampled, as for answers that were written by hand.
        prompts: the digest of all prompts; None where they are not known.
    """

    engine: str
    decoding: str
    seed: int | None
    prompts: str | None


def native_row(kept: Kept, origin: Origin, columns: Columns) -> dict[str, object]:
    """Give the row that ``guidex check`` reads.

    Every row has the same columns, and every column the same type, so that any reader of tables takes them. The answers
    that it was made from stand in the journal, under the digest of the document, the stage and the attempt.

    Args:
        kept: the record.
        origin: of the run.
        columns: what the columns are called.
    """
    provenance = {
        "engine": origin.engine,
        "model": kept.model,
        "decoding": origin.decoding,
        "seed": origin.seed,
        "prompts": origin.prompts,
        **_place(kept.document),
        "answers": _answers(kept.attempts),
        "mended": "; ".join(kept.fixed),
    }
    return {
        columns.id[0]: kept.document.id,
        columns.guidelines: kept.guidelines,
        columns.labels: kept.labels,
        columns.document: kept.document.text,
        "provenance": provenance,
    }


def guidex_row(kept: Kept) -> dict[str, object] | None:
    """Give the row in the form that GuideX publishes; None where that would be read as something else.

    Source:
        GuideX, arXiv:2506.00649, the published rows.
    """
    document = kept.document.text
    # Half a pair of surrogates is what escapes of other characters are read as.
    literal = json.dumps(document, ensure_ascii=False)
    content: dict[str, object] = {
        "ids": [kept.document.id],
        "task_id": _TASK,
        "scorer_cls": "",
        "labels": kept.labels,
        "text": f"{_GUIDELINES}{kept.guidelines}{_TEXT}{literal}{_RESULT}{kept.labels}",
        "unlabelled_sentence": document,
    }
    read = row(content, "", 0, None, Columns())
    is_same = (
        read.record is not None
        and not read.faults
        and read.record.guidelines == f"{_GUIDELINES}{kept.guidelines}\n\n# This is the text to analyze\n"
        and read.record.document == document
    )
    return content if is_same else None


def other_line(outcome: Rejected | Duplicate) -> bytes:
    """Give the line that the file of rejected documents has for one, with its end.

    Of a rejected document ``{"fate": "rejected", "id", "text", "document", "source", "window", "stage", "diagnostics",
    "answers", "output"}``, where diagnostics name places in ``output``, the last answer as far as it was mended; of
    what could not be read the row in ``record`` or ``raw_base64``, where there is one, in place of ``text``; of a
    duplicate ``{"fate": "duplicate", "id", "of", "document", "source", "window"}``.

    Raises:
        UsageError: a row that could not be read is of another format than JSON, and nested too deeply for it.
    """
    head, told = "", _told(outcome)
    if isinstance(outcome, Rejected) and isinstance(outcome.document, Unread):
        head = itself(outcome.document.row, Notes(), "record", "raw_base64")
    return f"{{{head}{json_text(told)[1:]}\n".encode("utf-8", "backslashreplace")


def _told(outcome: Rejected | Duplicate) -> dict[str, object]:
    if isinstance(outcome, Duplicate):
        named = {"fate": "duplicate", "id": outcome.document.id, "of": outcome.of}
        return {**named, **_place(outcome.document)}
    document = outcome.document
    told = {
        "stage": outcome.stage,
        "diagnostics": [finding(one, None) for one in outcome.diagnostics],
        "answers": _answers(outcome.attempts),
        "output": outcome.output,
    }
    if isinstance(document, Unread):
        return {"fate": "rejected", **_unread(document), **told}
    return {"fate": "rejected", "id": document.id, "text": document.text, **_place(document), **told}


def _place(document: SourceDocument) -> dict[str, object]:
    return {
        "document": document.digest,
        "source": {"file": document.file, "row": document.row},
        "window": document.place._asdict(),
    }


def _unread(unread: Unread) -> dict[str, object]:
    reference = unread.reference
    return {
        "id": reference and reference.id,
        "source": {"file": unread.file, "row": reference and reference.index, "line": reference and reference.line},
    }


def _answers(attempts: tuple[Attempt, ...]) -> list[dict[str, object]]:
    return [one._asdict() for one in attempts]
