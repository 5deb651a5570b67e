"""The pages of the rules: RULES.md and what ``guidex rule`` shows, made from the rule files themselves."""

from collections.abc import Iterable, Iterator

from guidex_schema.diagnostic import visible
from guidex_schema.rule import GUIDELINES, Example, Rule

_FAMILIES = {
    "GX0": "Could not be read",
    "GX1": "The guideline itself",
    "GX2": "Instance against schema",
    "GX3": "Grounding",
    "GX4": "Execution",
    "GX5": "The dataset",
    "GX6": "Generation",
}


_DEFAULTS = {("row", "file"): "", ("row",): "in rows", (): "off"}
_KINDS = {True: "safe", False: "unsafe"}


def rules_page(rules: Iterable[Rule]) -> str:
    """Write RULES.md: a table of all rules, then a section for each."""
    rules = tuple(rules)
    lines = [
        "# Rules",
        "",
        "Generated from the rule files by `make rules`; edit there. A code is never reused.",
        "",
        "Where an example shows labels only, the guidelines are:",
        "",
        *_block("python", GUIDELINES),
    ]
    for prefix, title in _FAMILIES.items():
        lines += [
            f"## {prefix}xx: {title}",
            "",
            "| code | name | severity | fix | default |",
            "| --- | --- | --- | --- | --- |",
        ]
        lines += [
            f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {rule.severity} | "
            f"{'yes' if rule.has_fix else ''} | {_DEFAULTS[rule.by_default]} |"
            for rule in rules
            if rule.code.startswith(prefix)
        ]
        lines.append("")
    for rule in rules:
        lines += [f"## {rule.code} {rule.name}", "", *_body(rule)]
    return "\n".join(lines).rstrip() + "\n"


def rule_page(rule: Rule) -> str:
    """Write the page of one rule as Markdown."""
    return "\n".join([f"# {rule.code} {rule.name}", "", *_body(rule)]).rstrip() + "\n"


def rule_line(rule: Rule) -> str:
    """Write a rule as one line of a list: code, severity, name and the first sentence of its page."""
    return f"{rule.code}  {rule.severity:<7}  {rule.name:<27}  {rule.explanation.splitlines()[0]}"


def _body(rule: Rule) -> Iterator[str]:
    yield " ".join((f"Severity: {rule.severity}.", *_remarks(rule)))
    yield ""
    yield rule.explanation
    yield ""
    for title, examples in (("Found in", rule.invalid), ("Not found in", rule.valid)):
        yield f"{title}:"
        yield ""
        for example in examples:
            yield from _example(example)


def _remarks(rule: Rule) -> Iterator[str]:
    """Say when a rule is applied, and what its fix is worth."""
    match rule.by_default:
        case ():
            yield "Off unless selected."
        case ("row",):
            yield "In guideline files off unless selected."
    kinds = {example.safe for example in rule.invalid if example.fixed is not None}
    if kinds:
        yield f"Fix: {' or '.join(_KINDS[safe] for safe in sorted(kinds, reverse=True))}."


def _example(example: Example) -> Iterator[str]:
    if example.message:
        yield f"- {example.message}"
        yield ""
    if example.breaks:
        yield "- a row on which a rule breaks"
        yield ""
        return
    if example.trouble is not None:
        yield f"- a row whose labels the jail gave up with `{example.trouble}`"
        yield ""
        return
    if example.file is not None:
        yield from _block("", example.file.decode("utf-8", "backslashreplace"))
        return
    if example.told:
        yield f"- what a run says: {example.told}"
        yield ""
        return
    yield from _record(example) if example.output is None else _answer(example, example.output)
    if example.document is not None:
        yield from _block("text", example.document)
    if example.abstractive:
        patterns = ", ".join(f'"{pattern}"' for pattern in example.abstractive)
        yield from _block("toml", f"abstractive = [{patterns}]")
    if example.fixed is not None:
        yield f"{example.title} ({_KINDS[example.safe]}):"
        yield ""
        yield from _block("python" if example.output is None else "", example.fixed)


def _record(example: Example) -> Iterator[str]:
    if example.origin == "file":
        yield "In a guideline file:"
        yield ""
    if example.guidelines != GUIDELINES:
        yield from _block("python", example.guidelines)
    if example.labels != "[]" or example.guidelines == GUIDELINES:
        yield from _block("python", example.labels or "(nothing)")


def _answer(example: Example, output: str) -> Iterator[str]:
    yield f"The stage `{example.stage}` answers{', and has no more tokens' if example.is_cut else ''}:"
    yield ""
    yield from _block("", output.strip() or "(nothing)")


def _block(language: str, text: str) -> Iterator[str]:
    fence = "~~~~" if "```" in text else "```"
    if len(text) > 2_000:
        text = f"{text[:60]}… ({len(text):,} characters)"
    yield f"{fence}{language}"
    for line in text.strip("\n").split("\n"):
        yield visible(line)
    yield fence
    yield ""
