"""What stands beside the records of a run: a card for readers and the Hugging Face Hub, and settings for ``guidex``.

Source:
    Hugging Face Hub, *Data files configuration*.
"""

import json
from collections.abc import Iterator

from guidex_schema.card.markdown import plain, table
from guidex_schema.generation.judgement import judgement
from guidex_schema.generation.outcome import Tally
from guidex_schema.generation.provenance import Origin
from guidex_schema.quantity import quantity
from guidex_schema.settings import Settings

_MATTER = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train.jsonl
---
"""
_RECORDS = (
    ("`data/train.jsonl`", "records: guidelines, labels, document, and where they come from"),
    ("`gollie/train.jsonl`", "the same records in the form of GuideX"),
)


def card(tally: Tally, origin: Origin, models: tuple[str, ...]) -> str:
    """Write README.md: what the folder holds, what made it, and what became of the documents."""
    return "".join(_parts(tally, origin, models))


def _parts(tally: Tally, origin: Origin, models: tuple[str, ...]) -> Iterator[str]:
    yield _MATTER
    yield "# Generated annotations\n\n"
    yield (
        "Documents with annotation guidelines, written as Python dataclasses, and the instances of them that each "
        "document holds, as a model wrote them and `guidex` checked them.\n\n"
    )
    yield from table(
        ("file", "holds"),
        (
            *(
                _RECORDS
                if tally.kept
                else (("`data/train.jsonl`", "nothing: there are no records, so it is not there"),)
            ),
            ("`rejected.jsonl`", "the other documents, and why they are no records"),
            ("`journal.sqlite`", "every prompt and every answer"),
            ("`guidex.toml`", "settings with which the records were checked: `guidex check . --config guidex.toml`"),
        ),
    )
    counted = (
        ("kept", tally.kept),
        ("rejected", tally.rejected),
        ("duplicates", tally.duplicates),
        ("pending", tally.pending),
    )
    yield f"Of {quantity(tally.documents, 'document')}:\n\n"
    yield from table(("fate", "documents:"), ((name, f"{count:,}") for name, count in counted))
    if tally.pending:
        yield "The run is not complete: the same command goes on with what is pending.\n\n"
    codes = sorted(tally.codes.items(), key=lambda item: (-item[1], item[0]))
    yield from table(("code", "name", "rejected documents:"), ((*known, f"{count:,}") for known, count in codes))
    facts = (
        ("engine", origin.engine),
        ("models", ", ".join(models) or "none"),
        ("decoding", origin.decoding),
        ("seed", "not known" if origin.seed is None else str(origin.seed)),
        ("prompts", origin.prompts or "not known"),
    )
    yield from table(("made with", ""), ((name, plain(value, 1_000)) for name, value in facts))


def settings(chosen: Settings) -> str:
    """Write ``guidex.toml``: all that findings in the records depend on, and what the columns are called."""
    given = {
        **judgement(chosen),
        "columns": chosen.columns.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }
    lines = [f"{name} = {_written(value)}" for name, value in given.items() if not isinstance(value, dict)]
    for name, inner in given.items():
        if isinstance(inner, dict) and inner:
            lines += ["", f"[{name}]", *(f"{key} = {_written(value)}" for key, value in inner.items())]
    return "\n".join(lines) + "\n"


def _written(value: object) -> str:
    """Write strings, and lists of them, as TOML: its basic strings are those of JSON, but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
