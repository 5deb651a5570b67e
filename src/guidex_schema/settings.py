"""Settings: `[tool.guidex]` of the nearest pyproject.toml, or the nearest guidex.toml."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from guidex_schema.abstractive import patterns
from guidex_schema.datasets.row import Columns
from guidex_schema.diagnostic import Severity, quoted
from guidex_schema.error import UsageError
from guidex_schema.frozen import Frozen
from guidex_schema.rule import Rule, discover
from guidex_schema.suggestion import nearest


class Settings(Frozen):
    """What a project wants checked, and how.

    Attributes:
        columns: what the columns of its datasets are called.
        select: codes, prefixes of codes or names of the rules to apply; all unless given.
        ignore: codes, prefixes of codes or names of the rules to leave out.
        severity: severities by code or name that replace the rules' own.
        abstractive: patterns of attributes, as in ``*.description``, whose values need not stand in the document.
    """

    columns: Columns = Columns()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = Field(default_factory=dict)
    abstractive: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Give the rules to apply.

        Raises:
            UsageError: a selector names no rule, or no rule is left.
        """
        selected = selection(self.select) if self.select else {rule.code for rule in discover()}
        kept = selected - selection(self.ignore)
        if not kept:
            raise UsageError("no rule is left: what `select` names, `ignore` leaves out")
        return tuple(rule for rule in discover() if rule.code in kept)

    @property
    def severities(self) -> dict[str, Severity]:
        """Give the changed severities by rule name.

        Raises:
            UsageError: a selector names no rule.
        """
        changed = {}
        for selector, severity in self.severity.items():
            codes = selection((selector,))
            changed.update({rule.name: severity for rule in discover() if rule.code in codes})
        return changed


def selection(selectors: Iterable[str]) -> set[str]:
    """Give the codes that selectors name: a code, a prefix such as ``GX1``, or a rule's name, in any case.

    Raises:
        UsageError: a selector names no rule; the nearest is suggested.
    """
    codes: set[str] = set()
    for selector in selectors:
        prefix = selector.upper()
        found = {
            rule.code
            for rule in discover()
            if selector.lower() == rule.name or (prefix.startswith("GX") and rule.code.startswith(prefix))
        }
        if not found:
            near = nearest(selector, [name for rule in discover() for name in (rule.code, rule.name)])
            raise UsageError(f"no rule is called {quoted(selector)}{_suggested(near) or '; `guidex rule` lists all'}")
        codes |= found
    return codes


def load(config: Path | None, start: Path) -> Settings:
    """Load settings.

    Args:
        config: a file that is named outright; else the nearest one is found by walking up.
        start: the folder to walk up from.

    Raises:
        UsageError: the file is missing, is no TOML, or has an unknown key or a wrong value.
    """
    path = config if config is not None else _nearest_file(start)
    if path is None:
        return Settings()
    content = _content(path)
    table = _table(content) if path.name == "pyproject.toml" else content
    try:
        settings = Settings.model_validate({} if table is None else table)
        _ = settings.rules, settings.severities, patterns(settings.abstractive)
    except ValidationError as error:
        raise UsageError("\n".join(_explained(path, error))) from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    return settings


def _content(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"the settings {path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"the settings {path} are no TOML: {error}") from error


def _table(content: Mapping[str, object]) -> object:
    """Give the table ``tool.guidex``, or None."""
    tool = content.get("tool")
    return tool.get("guidex") if isinstance(tool, dict) else None


def _explained(path: Path, error: ValidationError) -> Iterable[str]:
    """Say in a line each what is wrong with the settings, in words that need no knowledge of pydantic."""
    for one in error.errors(include_url=False):
        key = ".".join(str(part) for part in one["loc"])
        match one["type"]:
            case "extra_forbidden" if key == "tool":
                yield f"{path}: unknown setting `tool`; in {path.name} the settings stand outside of any table"
            case "extra_forbidden":
                known = [*Settings.model_fields, *(f"columns.{name}" for name in Columns.model_fields)]
                by_last_part = {name.rpartition(".")[2]: name for name in known}
                near = nearest(key, known) or by_last_part.get(nearest(key.rpartition(".")[2], by_last_part) or "")
                listed = f"; the settings are {', '.join(known)}" if near is None else ""
                yield f"{path}: unknown setting {quoted(key)}{_suggested(near)}{listed}"
            case "enum":
                near = nearest(str(one["input"]), list(Severity))
                yield f"{path}: {key}: {one['msg']}, not {quoted(repr(one['input']))}{_suggested(near)}"
            case "tuple_type":
                yield f"{path}: {key}: a list of strings is expected, not {quoted(repr(one['input']))}"
            case "model_type" | "mapping_type" | "model_attributes_type" | "dict_type":
                yield f"{path}: {key or '[tool.guidex]'}: a table is expected, not {quoted(repr(one['input']))}"
            case "string_type":
                yield f"{path}: {key}: a string is expected, not {quoted(repr(one['input']))}"
            case _:
                yield f"{path}: {key}: {one['msg']}"


def _suggested(near: str | None) -> str:
    return f"; did you mean {quoted(near)}?" if near else ""


def _nearest_file(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        candidate = folder / "guidex.toml"
        if candidate.is_file():
            return candidate
        candidate = folder / "pyproject.toml"
        if candidate.is_file() and _has_table(candidate):
            return candidate
    return None


def _has_table(path: Path) -> bool:
    """Say whether a file has settings; one that names them but is no TOML has, and loading it says so."""
    try:
        return _table(_content(path)) is not None
    except UsageError:
        try:
            return b"tool.guidex" in path.read_bytes()
        except OSError:
            return False
