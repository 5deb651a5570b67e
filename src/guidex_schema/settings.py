"""Settings: `[tool.guidex]` of the nearest pyproject.toml, or the nearest guidex.toml."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from guidex_schema.datasets.row import Columns
from guidex_schema.diagnostic import Severity
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
    """

    columns: Columns = Columns()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = Field(default_factory=dict)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Give the rules to apply.

        Raises:
            UsageError: a selector names no rule.
        """
        selected = selection(self.select) if self.select else {rule.code for rule in discover()}
        ignored = selection(self.ignore)
        return tuple(rule for rule in discover() if rule.code in selected - ignored)

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
    """Give the codes that selectors name: a code, a prefix such as ``GX1``, or a rule's name.

    Raises:
        UsageError: a selector names no rule; the nearest is suggested.
    """
    codes: set[str] = set()
    for selector in selectors:
        found = {
            rule.code
            for rule in discover()
            if selector in (rule.code, rule.name) or (selector.startswith("GX") and rule.code.startswith(selector))
        }
        if not found:
            near = nearest(selector, [name for rule in discover() for name in (rule.code, rule.name)])
            raise UsageError(f"no rule is called {selector}" + (f"; did you mean {near}?" if near else ""))
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
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the settings {path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the settings {path} are no TOML: {error}") from error
    table = content.get("tool", {}).get("guidex", {}) if path.name == "pyproject.toml" else content
    try:
        settings = Settings.model_validate(table)
        _ = settings.rules, settings.severities
    except ValidationError as error:
        raise UsageError("\n".join(_explained(path, error))) from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    return settings


def _explained(path: Path, error: ValidationError) -> Iterable[str]:
    for one in error.errors(include_url=False):
        key = ".".join(str(part) for part in one["loc"])
        if one["type"] == "extra_forbidden":
            known = [*Settings.model_fields, *(f"columns.{name}" for name in Columns.model_fields)]
            near = nearest(key, known)
            yield f"{path}: unknown setting {key}" + (f"; did you mean {near}?" if near else "")
        else:
            yield f"{path}: {key}: {one['msg']}"


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
    try:
        return "guidex" in tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
