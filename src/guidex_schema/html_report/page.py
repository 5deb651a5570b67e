"""The page: one HTML file with all that it needs inside, and a policy that lets it load and run nothing else."""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from guidex_schema.diagnostic import Severity, visible
from guidex_schema.error import UsageError
from guidex_schema.html_report.chart import charts
from guidex_schema.html_report.collection import Collection
from guidex_schema.html_report.record_view import Json

if TYPE_CHECKING:
    from jinja2 import Template

_SCRIPTS = ("text.js", "data.js", "list.js", "tree.js", "source.js", "record.js", "page.js")
_STYLES = ("page.css",)
_NOUNS = {"error": "errors", "warning": "warnings", "info": "notes"}


def template() -> "Template":
    """Load the template of the page.

    Raises:
        UsageError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined
    except ImportError:
        raise UsageError("a report needs jinja2: pip install 'guidex-schema[report]'") from None
    environment = Environment(
        loader=FunctionLoader(_asset), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["counted"] = "{:,}".format
    environment.filters["visible"] = visible
    return environment.get_template("page.html")


def pieces(page: "Template", collection: Collection, title: str) -> Iterator[str]:
    """Write the page piece by piece.

    Args:
        page: the template.
        collection: what it shows; its records are given out one after another.
        title: of the page.
    """
    script = "(() => {\n'use strict';\n" + "\n".join(map(_asset, _SCRIPTS)) + "})();\n"
    style = "\n".join(map(_asset, _STYLES))
    shown = list(collection.shortlist)
    shortlist, summary = collection.shortlist, collection.summary
    index: Json = {
        "names": dict(sorted(summary.codes.keys())),
        "records": [{"number": one.number, **one.facets} for one in shown],
        "remarks": collection.remarks,
    }
    return page.generate(
        title=visible(title),
        script=script,
        style=style,
        policy=policy(script, style),
        summary=summary,
        errors=summary.severities[Severity.ERROR],
        warnings=summary.severities[Severity.WARNING],
        seen=shortlist.seen,
        left_out=shortlist.left_out,
        shown=len(shown),
        charts=[one for one in charts(collection.statistics) if one.bars],
        shown_values={
            "code": {code for one in shown for code in one.facets["codes"]},
            "type": {name for one in shown for name in one.facets["types"]},
            "status": {status for one in shown for status in one.facets["statuses"]},
        },
        remarked={one["code"] for one in collection.remarks},
        nouns=_NOUNS,
        remarks=len(collection.remarks),
        more_remarks=collection.more_remarks,
        index=_packed(zlib.compress(json.dumps(index, separators=(",", ":")).encode("ascii"))),
        contents=(_packed(one.content) for one in shown),
    )


def policy(script: str, style: str) -> str:
    """Give the Content-Security-Policy under which nothing but this script and this style has any effect.

    Source:
        Content Security Policy Level 3, sections 3.3 (meta elements) and 6.7.3 (hashes).
    """
    directives = (
        "default-src 'none'",
        f"script-src '{_hash(script)}'",
        f"style-src '{_hash(style)}'",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join(directives)


def _hash(source: str) -> str:
    return "sha256-" + b64encode(sha256(source.encode("utf-8")).digest()).decode("ascii")


def _packed(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _asset(name: str) -> str:
    return (files("guidex_schema.html_report") / "assets" / name).read_text(encoding="utf-8")
