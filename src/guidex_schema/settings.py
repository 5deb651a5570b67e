"""Settings: `[tool.guidex]` of the nearest pyproject.toml, or the nearest guidex.toml."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from pydantic import ConfigDict, Field, ValidationError

from guidex_schema.abstractive import patterns
from guidex_schema.datasets.row import Columns
from guidex_schema.diagnostic import Diagnostic, Severity, quoted
from guidex_schema.error import UsageError
from guidex_schema.folder import is_file
from guidex_schema.frozen import Frozen, hyphenated
from guidex_schema.generation_settings import EngineSettings, GenerationSettings
from guidex_schema.rule import Rule, discover
from guidex_schema.subject import Origin
from guidex_schema.suggestion import nearest
from guidex_schema.thresholds import THRESHOLDS, Thresholds

_CODE_LENGTH = len("GX101")


class Settings(Frozen):
    """What a project wants checked, and how. In the file the words of a key are joined by hyphens.

    Attributes:
        columns: what the columns of its datasets are called.
        select: codes, prefixes of codes or names of the rules to apply; those that are on by default unless given.
        extend_select: rules to apply besides.
        ignore: rules to leave out. Where a rule is selected and ignored, the longer selector decides.
        severity: severities by code or name that replace the rules' own.
        per_file_ignores: rules to leave out, by pattern of the files they are left out of.
        exclude: patterns of guideline files and folders that are passed over where a folder is linted.
        abstractive: patterns of attributes, as in ``*.description``, whose values need not stand in the document.
        thresholds: the numbers that some rules depend on.
        cache: whether ``guidex check`` remembers what it found in rows, in the user's cache folder.
        engine: which model writes records, and how it is run.
        generation: what is asked of it.
    """

    model_config = ConfigDict(alias_generator=hyphenated, validate_by_name=True, validate_by_alias=True)

    columns: Columns = Columns()
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = Field(default_factory=dict)
    per_file_ignores: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    abstractive: tuple[str, ...] = ()
    thresholds: Thresholds = THRESHOLDS
    cache: bool = False
    engine: EngineSettings = EngineSettings()
    generation: GenerationSettings = GenerationSettings()

    def rules(self, origin: Origin) -> tuple[Rule, ...]:
        """Give the rules to apply to guidelines of an origin.

        Raises:
            UsageError: a selector names no rule, or no rule is left.
        """
        kept = tuple(rule for rule in discover() if self._applies(rule, origin))
        if not kept:
            raise UsageError("no rule is left: what `select` names, `ignore` leaves out")
        return kept

    def _applies(self, rule: Rule, origin: Origin) -> bool:
        """Say whether a rule is selected more closely than it is ignored."""
        by_default = 0 if not self.select and origin in rule.by_default else -1
        selected = max(by_default, _closeness(rule, (*self.select, *self.extend_select)))
        return selected > _closeness(rule, self.ignore)

    def ignored(self, file: Path, root: Path) -> set[str]:
        """Give the codes that are left out of a file.

        Args:
            file: an existing path or not.
            root: the folder that the patterns are relative to.

        Raises:
            UsageError: a selector names no rule.
        """
        codes: set[str] = set()
        for pattern, selectors in self.per_file_ignores.items():
            if matches(file, pattern, root):
                codes |= selection(selectors)
        return codes

    @property
    def severities(self) -> dict[str, Severity]:
        """Give the changed severities by rule name; the longer selector decides.

        Raises:
            UsageError: a selector names no rule.
        """
        changed = {}
        for selector, severity in sorted(self.severity.items(), key=lambda item: _length(item[0])):
            codes = selection((selector,))
            changed.update({rule.name: severity for rule in discover() if rule.code in codes})
        return changed

    def verify(self) -> None:
        """Look at all that names rules or attributes.

        Raises:
            UsageError: a selector names no rule, or a pattern no attribute.
        """
        selection((*self.select, *self.extend_select, *self.ignore))
        for selectors in self.per_file_ignores.values():
            selection(selectors)
        _ = self.severities, patterns(self.abstractive), self.rules("row")


class Telling:
    """Say whether a finding is told, and not ignored in single files by settings.

    Args:
        settings: which may name rules that are left out of files.
        root: the folder that patterns of files are relative to.
    """

    def __init__(self, settings: Settings, root: Path) -> None:
        self._settings = settings
        self._root = root
        self._ignored: dict[str, set[str]] = {}

    def __call__(self, found: Diagnostic) -> bool:
        """Say it of one finding.

        Raises:
            UsageError: a selector of the settings names no rule.
        """
        if found.file is None or not self._settings.per_file_ignores:
            return True
        if found.file not in self._ignored:
            self._ignored[found.file] = self._settings.ignored(Path(found.file), self._root)
        return found.code not in self._ignored[found.file]


class LoadedSettings(NamedTuple):
    """Settings, and the file that they come from; None where there is none.

    Attributes:
        root: the folder that patterns of files are relative to.
        given: keys that the command line gives.
    """

    settings: Settings
    file: Path | None
    root: Path
    given: frozenset[str] = frozenset()

    def changed(self, changes: Mapping[str, object]) -> "LoadedSettings":
        """Give the settings with some replaced by what the command line says.

        Raises:
            UsageError: a selector names no rule.
        """
        settings = self.settings.model_copy(update=dict(changes))
        settings.verify()
        return self._replace(settings=settings, given=frozenset(hyphenated(name) for name in changes))

    def listed(self) -> Iterator["Setting"]:
        """Give every setting in force, and where it comes from."""
        dumped = self.settings.model_dump(mode="json", by_alias=True)
        for name in Settings.model_fields:
            key = hyphenated(name)
            own = getattr(self.settings, name)
            if name in _TABLES:
                for inner in _TABLES[name].model_fields:
                    inner_key = hyphenated(inner)
                    origin = self._origin(f"{key}.{inner_key}", is_set=inner in own.model_fields_set)
                    yield Setting(f"{key}.{inner_key}", dumped[key][inner_key], origin)
            else:
                yield Setting(key, dumped[key], self._origin(key, is_set=name in self.settings.model_fields_set))

    def _origin(self, key: str, *, is_set: bool) -> str:
        if key in self.given:
            return "command line"
        return str(self.file) if is_set and self.file is not None else "default"


class Setting(NamedTuple):
    """One setting in force.

    Attributes:
        key: as the file writes it, ``thresholds.similarity``.
        value: as JSON has it.
        origin: ``command line``, the name of a file, or ``default``.
    """

    key: str
    value: object
    origin: str


def matches(file: Path, pattern: str, root: Path) -> bool:
    """Say whether a pattern names a file, a folder above it, or a name in its path.

    ``*``, ``?`` and ``[...]`` stand for any characters, as in a shell; ``*`` for folders, too.
    """
    absolute = file.parent.resolve() / file.name
    known = absolute.relative_to(root) if absolute.is_relative_to(root) else absolute
    whole = [known, *known.parents][:-1] or [known]
    pattern = pattern.removeprefix("./").rstrip("/")
    return any(fnmatchcase(one.as_posix(), pattern) or fnmatchcase(one.name, pattern) for one in whole)


def selection(selectors: Iterable[str]) -> set[str]:
    """Give the codes that selectors name: a code, a prefix such as ``GX1``, or a rule's name, in any case.

    Raises:
        UsageError: a selector names no rule; the nearest is suggested.
    """
    codes: set[str] = set()
    for selector in selectors:
        found = {rule.code for rule in discover() if _closeness(rule, (selector,)) > 0}
        if not found:
            near = nearest(selector, [name for rule in discover() for name in (rule.code, rule.name)])
            raise UsageError(f"no rule is called {quoted(selector)}{_suggested(near) or '; `guidex rule` lists all'}")
        codes |= found
    return codes


def _closeness(rule: Rule, selectors: Iterable[str]) -> int:
    """Say how closely selectors name a rule: the letters of the longest prefix of its code, -1 for not at all."""
    return max((_length(one) for one in selectors if _names(one, rule)), default=-1)


def _names(selector: str, rule: Rule) -> bool:
    prefix = selector.upper()
    return selector.lower() == rule.name or (prefix.startswith("GX") and rule.code.startswith(prefix))


def _length(selector: str) -> int:
    return min(len(selector), _CODE_LENGTH)


def load(config: Path | None, start: Path) -> LoadedSettings:
    """Load settings.

    Args:
        config: a file that is named outright; else the nearest one is found by walking up.
        start: the folder to walk up from.

    Raises:
        UsageError: the file is missing, is no TOML, or has an unknown key or a wrong value.
    """
    path = config if config is not None else _nearest_file(start)
    if path is None:
        return LoadedSettings(Settings(), None, start)
    content = _content(path)
    table = _table(content) if path.name == "pyproject.toml" else content
    try:
        settings = Settings.model_validate({} if table is None else table, by_alias=True, by_name=False)
        settings.verify()
    except ValidationError as error:
        raise UsageError("\n".join(_explained(path, error))) from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    folder = path.parent.resolve()
    # Settings that are named outright may stand elsewhere, as a copy does: then patterns start where we work.
    return LoadedSettings(settings, path, folder if start.resolve().is_relative_to(folder) else start.resolve())


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
                known = KEYS
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


_TABLES: dict[str, type[Frozen]] = {
    "columns": Columns,
    "thresholds": Thresholds,
    "engine": EngineSettings,
    "generation": GenerationSettings,
}


def _keys() -> Iterator[str]:
    for name in Settings.model_fields:
        yield hyphenated(name)
        if name in _TABLES:
            yield from (f"{name}.{hyphenated(key)}" for key in _TABLES[name].model_fields)


# Every key of the settings, those of tables with the table's name.
KEYS = tuple(_keys())


def _suggested(near: str | None) -> str:
    return f"; did you mean {quoted(near)}?" if near else ""


def _nearest_file(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        candidate = folder / "guidex.toml"
        if is_file(candidate):
            return candidate
        candidate = folder / "pyproject.toml"
        if is_file(candidate) and _has_table(candidate):
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
