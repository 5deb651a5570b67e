"""The language server, as an editor sees it."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from editor import Editor, modern
from guidex_schema.guideline import FILE_LIMITS, parse_guideline
from guidex_schema.linting import Linter
from guidex_schema.rule import by_name
from guidex_schema.server.hover import hint

pytestmark = pytest.mark.asyncio(loop_scope="module")

# The tests say what they look for, so that a new rule does not change what is found.
RULES = ("mutable-default", "undefined-type", "missing-import", "runs-code", "unused-suppression", "guideline-syntax")
SETTINGS = f"select = {[*RULES, 'source-limit', 'name-style']!r}\n"
HEAD = "from dataclasses import dataclass, field\nfrom typing import List\n\n\n"
GUIDELINES = (
    HEAD
    + '''@dataclass
class Bird(Animal):
    """A *bird* that [flies](http://example.org)."""

    name: str  # as it is written
    nests: "List[Nest]" = []
    flock: Flok = None


@dataclass
class Nest(Bird):
    name: str = "x"
    """What the <b>nest</b> is called"""


class Role(Enum):
    """What it does."""

    SINGER = "singer"


class Colour(str):
    """A colour."""


ENTITY_DEFINITIONS: List[Type] = [Bird, Nest]
'''
)
FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "guidelines").glob("*.py"))
TOP = types.Range(types.Position(0, 0), types.Position(0, 0))
FAULTY = HEAD + "@dataclass\nclass A:\n    x: List[int] = []\n"
CLEAN = FAULTY.replace("[]", "field(default_factory=list)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("project")
    (path / "guidex.toml").write_text(SETTINGS, "utf-8")
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editor(folder: Path) -> AsyncIterator[Editor]:
    editor = Editor(folder, "utf-16")
    await editor.start()
    yield editor
    assert not editor.client.log_messages
    assert not editor.client.messages
    assert await editor.stop() == 0


async def test_findings_have_their_place_code_and_severity(editor: Editor) -> None:
    uri = editor.open("open.py", GUIDELINES)
    found = await editor.found(uri)
    assert [(one.code, one.severity, editor.at(uri, one.range)) for one in found] == [
        ("GX106", types.DiagnosticSeverity.Error, "[]"),
        ("GX104", types.DiagnosticSeverity.Error, "Flok"),
        ("GX107", types.DiagnosticSeverity.Error, "Enum"),
        ("GX107", types.DiagnosticSeverity.Error, "Type"),
    ]
    assert {one.source for one in found} == {"guidex"}
    assert found[1].message == "nothing defines the type `Flok`"


async def test_a_change_is_linted(editor: Editor) -> None:
    uri = editor.open("change.py", FAULTY)
    assert await editor.codes(uri) == ["GX106"]
    at = editor.texts[uri].index("[]\n")
    editor.replace(uri, at, at + 2, "field(default_factory=list)")
    assert await editor.codes(uri) == []
    editor.replace(uri, 0, 0, "x = [\n")
    assert by_name()["guideline-syntax"].code in await editor.codes(uri)
    editor.rewrite(uri, FAULTY)
    assert await editor.codes(uri) == ["GX106"]


async def test_what_is_not_saved_counts(editor: Editor) -> None:
    file = editor.folder / "saved.py"
    file.write_text(CLEAN, "utf-8")
    uri = editor.open("saved.py", FAULTY)
    assert await editor.codes(uri) == ["GX106"]
    editor.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
    await editor.until(lambda: len(editor.published[uri]) == 2)
    assert file.read_text("utf-8") == CLEAN


async def test_a_closed_text_has_no_findings(editor: Editor) -> None:
    uri = editor.open("closed.py", FAULTY)
    assert await editor.codes(uri) == ["GX106"]
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    await editor.until(lambda: not editor.published[uri][-1].diagnostics)
    assert await editor.actions(uri, TOP) == []
    assert await editor.hover(uri, 0) is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_lines_end_as_in_python(editor: Editor, end: str) -> None:
    # What the comment holds ends lines for str.splitlines only.
    text = FAULTY.replace("\n", "  # \u2028\x85\x1c\n", 1).replace("\n", end)
    uri = editor.open(f"ends{len(end)}{ord(end[0])}.py", text)
    (found,) = await editor.found(uri)
    assert editor.at(uri, found.range) == "[]"
    at = text.index("class A")
    editor.replace(uri, at, at, f"class B:{end}    y: Nothing{end}{end}@dataclass{end}")
    assert [editor.at(uri, one.range) for one in await editor.found(uri)] == ["Nothing", "[]"]
    (action,) = await editor.actions(uri, TOP, "source.fixAll")
    mended = await editor.client.code_action_resolve_async(action)
    assert editor.edited(uri, mended.edit) == editor.texts[uri].replace("[]", "field(default_factory=list)")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_places_are_counted_as_the_editor_counts(folder: Path, encoding: str) -> None:
    editor = Editor(folder, encoding)
    started = await editor.start()
    assert started.capabilities.position_encoding == encoding
    text = HEAD + "@dataclass\nclass A:\n    é: \"Literal['🦉🏳️‍🌈𝔘']\" = []  # 🐦\n"
    uri = editor.open(f"{encoding}.py", text)
    *_, mutable = await editor.found(uri)
    assert editor.at(uri, mutable.range) == "[]"
    at = text.index("𝔘")
    editor.replace(uri, at, at + 1, "🐦🐦")
    *_, mutable = await editor.found(uri)
    assert editor.at(uri, mutable.range) == "[]"
    fix = next(one for one in await editor.actions(uri, mutable.range) if one.is_preferred)
    assert editor.edited(uri, fix.edit) == editor.texts[uri].replace("[]", "field(default_factory=list)")
    hover = await editor.hover(uri, editor.texts[uri].index("é"))
    assert hover is not None
    assert hover.range is not None
    assert editor.at(uri, hover.range) == "é"
    assert await editor.stop() == 0


async def test_an_editor_that_can_do_little_counts_in_utf_16(folder: Path) -> None:
    editor = Editor(folder, "utf-16")
    started = await editor.start(types.ClientCapabilities())
    assert started.capabilities.position_encoding == "utf-16"
    uri = editor.open("plain.py", FAULTY)
    (found,) = await editor.found(uri)
    # It can neither ask for an edit later nor take one that is for a version.
    fix_all = (await editor.actions(uri, found.range))[-1]
    assert fix_all.edit is not None
    assert fix_all.edit.document_changes is None
    assert editor.edited(uri, fix_all.edit) == CLEAN
    assert await editor.hover(uri, FAULTY.index("A:")) is not None
    assert not editor.registered
    assert await editor.stop() == 0


async def hover_at(editor: Editor, uri: str, words: str, within: int = 0) -> str | None:
    hover = await editor.hover(uri, editor.texts[uri].index(words) + within)
    if hover is None:
        return None
    assert isinstance(hover.contents, types.MarkupContent)
    assert hover.contents.kind is types.MarkupKind.Markdown
    return hover.contents.value


async def test_hovering_says_what_a_class_is(editor: Editor) -> None:
    uri = editor.open("hover.py", GUIDELINES)
    nest = "```python\nclass Nest(Bird):\n    name: str = 'x'\n    nests: List[Nest] = []  # inherited\n"
    nest += "    flock: Flok = None  # inherited\n```\n\nentity type"
    # In quotes, where it is declared, and in a register.
    for words, within in (('List[Nest]"', 6), ("class Nest", 10), ("Bird, Nest]", 8)):
        assert await hover_at(editor, uri, words, within) == nest
    bird = await hover_at(editor, uri, "(Bird)", 5)
    assert bird is not None
    assert "class Bird(Animal):\n    name: str\n" in bird
    assert bird.endswith(r"A \*bird\* that \[flies\]\(http\://example\.org\)\.")
    role = "```python\nclass Role(Enum):\n    SINGER = 'singer'\n```\n\nenumeration\n\nWhat it does\\."
    assert await hover_at(editor, uri, "Role", 4) == role
    assert "class Colour(str)\n```\n\ntype of text" in str(await hover_at(editor, uri, "Colour"))


async def test_hovering_says_what_an_attribute_is(editor: Editor) -> None:
    uri = editor.open("attribute.py", GUIDELINES)
    name = "```python\nname: str\n```\n\nattribute of Bird, required\n\nas it is written"
    assert await hover_at(editor, uri, "name: str  #") == name
    nests = "```python\nnests: List[Nest] = []\n```\n\nattribute of Bird, not required"
    assert await hover_at(editor, uri, "nests", 5) == nests
    again = "```python\nname: str = 'x'\n```\n\nattribute of Nest, not required, declared by Bird too\n\n"
    again += r"What the \<b\>nest\</b\> is called"
    assert await hover_at(editor, uri, 'name: str = "x"') == again


async def test_hovering_says_nothing_of_the_rest(editor: Editor) -> None:
    uri = editor.open("rest.py", GUIDELINES)
    for words in ("from", "*bird*", "str ", "Animal", "Flok", "Enum", "singer"):
        assert await hover_at(editor, uri, words) is None


async def test_hovering_a_suppression_says_what_is_suppressed(editor: Editor) -> None:
    uri = editor.open("suppressed.py", FAULTY.replace("[]", "[]  # guidex: ignore[GX106, mutable-default, GX999]"))
    page = str(await hover_at(editor, uri, "GX106"))
    assert page.startswith("GX106 mutable\\-default\\: error, has a fix\n\n")
    assert page.endswith(by_name()["mutable-default"].explanation)
    assert await hover_at(editor, uri, "mutable-default", 15) == page
    assert await hover_at(editor, uri, "GX999") is None


async def test_an_editor_without_markdown_gets_plain_text(folder: Path) -> None:
    editor = Editor(folder, "utf-16")
    able = modern("utf-16")
    assert able.text_document is not None
    able.text_document.hover = types.HoverClientCapabilities(content_format=[types.MarkupKind.PlainText])
    await editor.start(able)
    uri = editor.open("old.py", GUIDELINES)
    hover = await editor.hover(uri, GUIDELINES.index("name: str  #"))
    assert hover is not None
    plain = "name: str\n\nattribute of Bird, required\n\nas it is written"
    assert hover.contents == types.MarkupContent(types.MarkupKind.PlainText, plain)
    assert await editor.stop() == 0


async def test_a_quick_fix_makes_the_fix_of_the_finding(editor: Editor) -> None:
    text = FAULTY.replace("class A", "class birdOfPrey")
    uri = editor.open("fix.py", text)
    name, mutable = await editor.found(uri)
    fix, ignore, fix_all = await editor.actions(uri, mutable.range)
    assert fix.title == "Write `field(default_factory=list)` (GX106)"
    assert (fix.kind, fix.is_preferred) == ("quickfix", True)
    assert list(fix.diagnostics or ()) == [mutable]
    assert editor.edited(uri, fix.edit) == text.replace("[]", "field(default_factory=list)")
    assert (ignore.title, fix_all.kind) == ("Ignore GX106 here", "source.fixAll.guidex")
    unsafe, *_ = await editor.actions(uri, name.range, "quickfix")
    assert unsafe.is_preferred is None
    assert "class BirdOfPrey" in editor.edited(uri, unsafe.edit)
    # Nothing is found at the top, and a fix is no refactoring.
    assert await editor.actions(uri, TOP, "quickfix") == []
    assert await editor.actions(uri, mutable.range, "refactor") == []


async def test_all_safe_fixes_are_made_at_once(editor: Editor) -> None:
    text = GUIDELINES.replace("[]", "[]  # 🐦")
    uri = editor.open("all.py", text)
    (action,) = await editor.actions(uri, TOP, "source.fixAll")
    assert action.edit is None
    # What is typed meanwhile is mended, too.
    editor.replace(uri, len(text), len(text), "\n\nOTHERS: Union[Type, int] = 1\n")
    resolved = await editor.client.code_action_resolve_async(action)
    mended = Linter([by_name()[one] for one in RULES]).fix(editor.texts[uri]).source
    assert mended != editor.texts[uri]
    assert editor.edited(uri, resolved.edit) == mended
    editor.rewrite(uri, mended)
    assert await editor.actions(uri, TOP, "source") == []


async def test_a_finding_can_be_ignored_where_it_stands(editor: Editor) -> None:
    uri = editor.open("ignore.py", GUIDELINES.replace("[]", "[]  # guidex: ignore[GX104]"))
    found = await editor.found(uri)
    (mutable,) = (one for one in found if one.code == "GX106")
    (unused,) = (one for one in found if one.code == by_name()["unused-suppression"].code)
    assert list(unused.tags or ()) == [types.DiagnosticTag.Unnecessary]
    (ignore,) = (one for one in await editor.actions(uri, mutable.range) if one.title.startswith("Ignore"))
    editor.rewrite(uri, editor.edited(uri, ignore.edit))
    assert "[]  # guidex: ignore[GX104, GX106]\n" in editor.texts[uri]
    assert "GX106" not in await editor.codes(uri)
    assert all(not one.title.startswith("Ignore") for one in await editor.actions(uri, unused.range))


async def test_settings_are_those_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.guidex]\n{SETTINGS}severity = {{GX106 = 'info'}}\nexclude = ['old']\n"
        "per-file-ignores = {'draft*.py' = ['GX106']}\n",
        "utf-8",
    )
    editor = Editor(tmp_path, "utf-16")
    await editor.start()
    (found,) = await editor.found(editor.open("below/new.py", FAULTY))
    assert found.severity is types.DiagnosticSeverity.Information
    assert await editor.codes(editor.open("below/draft_1.py", FAULTY)) == []
    old = editor.open("old/new.py", FAULTY)
    assert await editor.codes(old) == []
    assert await editor.actions(old, TOP) == []
    assert await editor.stop() == 0


async def test_wrong_settings_are_shown_once_and_the_rest_goes_on(tmp_path: Path) -> None:
    settings = tmp_path / "guidex.toml"
    settings.write_text("selct = ['GX106']\n", "utf-8")
    editor = Editor(tmp_path, "utf-16")
    await editor.start()
    first, second = editor.open("first.py", FAULTY), editor.open("second.py", FAULTY)
    assert "GX106" in await editor.codes(first)
    assert "GX106" in await editor.codes(second)
    (message,) = editor.client.messages
    assert message.type is types.MessageType.Error
    assert message.message == f"guidex: {settings}: unknown setting `selct`; did you mean `select`?"
    (registered,) = editor.registered[0].registrations
    assert registered.method == "workspace/didChangeWatchedFiles"

    async def write(text: str) -> list[str]:
        settings.write_text(text, "utf-8")
        before = len(editor.published[first])
        changed = types.FileEvent(settings.as_uri(), types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
        await editor.until(lambda: len(editor.published[first]) > before)
        return await editor.codes(first)

    assert await write("select = ['GX106']\n") == ["GX106"]
    assert await write("select = ['GX104']\n") == []
    # What was in force last stays so.
    assert await write("select = [\n") == []
    assert await write("select = ['GX106']\nignore = ['GX106']\n") == []
    assert len(editor.client.messages) == 3
    assert await editor.stop() == 0


async def test_what_is_half_typed_disturbs_nothing(editor: Editor) -> None:
    uri = editor.open("typed.py", "")
    for start in range(0, len(GUIDELINES), 7):
        editor.replace(uri, start, start, GUIDELINES[start : start + 7])
        await editor.hover(uri, start)
    assert editor.texts[uri] == GUIDELINES
    assert len(await editor.found(uri)) == 4
    for text in ("\0", "class", 'x: "', "'" * 3, "\u202e" * 5, "class A(" * 300):
        editor.rewrite(uri, text)
        await editor.found(uri)
        await editor.hover(uri, 1)
        await editor.actions(uri, TOP)


async def test_a_text_without_a_file_is_linted(editor: Editor) -> None:
    assert "GX106" in await editor.codes(editor.open("untitled:Untitled-1", FAULTY))


async def test_a_text_that_is_too_large_is_one_finding(editor: Editor) -> None:
    (found,) = await editor.found(editor.open("large.py", "# " + "x" * FILE_LIMITS.size))
    assert found.range == TOP
    assert found.code == by_name()["source-limit"].code


async def test_a_long_text_can_be_typed_in(editor: Editor) -> None:
    entity = "@dataclass\nclass A{0}:\n    '''The entity {0}'''\n\n    x: List[int] = []\n    y: 'A{0}'\n\n\n\n"
    text = HEAD + "".join(map(entity.format, range(1_200)))
    assert text.count("\n") > 10_000
    uri = editor.open("long.py", text)
    for _ in range(20):
        editor.replace(uri, len(HEAD), len(HEAD), "# typed\n")
    started = time.monotonic()
    small = editor.open("small.py", CLEAN)
    assert await editor.hover(small, CLEAN.index("A:")) is not None
    assert time.monotonic() - started < 5
    assert len(await editor.found(uri)) == 1_200
    # What was typed over is passed over.
    assert len(editor.published[uri]) <= 2


async def test_what_breaks_is_logged_and_the_rest_goes_on(folder: Path) -> None:
    editor = Editor(folder, "utf-16")
    await editor.start()
    editor.open("file://[", FAULTY)
    await editor.until(lambda: bool(editor.client.log_messages))
    (logged,) = editor.client.log_messages
    assert logged.message == "file://[ could not be linted: ValueError: Invalid IPv6 URL"
    assert await editor.codes(editor.open("well.py", FAULTY)) == ["GX106"]
    assert await editor.stop() == 0


def ran(*arguments: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, input="", capture_output=True, text=True, timeout=60, check=False
    )


async def test_an_editor_that_vanishes_ends_the_server() -> None:
    done = await asyncio.to_thread(ran, "-m", "guidex_schema", "server")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


async def test_without_pygls_the_command_says_what_to_install() -> None:
    program = "import sys; sys.modules['pygls'] = None; from guidex_schema.cli import main; main()"
    done = await asyncio.to_thread(ran, "-c", program, "server")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "guidex: the language server needs pygls: pip install 'guidex-schema[lsp]'\n"


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: file.stem)
async def test_hovering_anywhere_in_guidelines_is_safe(file: Path) -> None:
    guideline = parse_guideline(file.read_text("utf-8"))
    hints = [one for offset in range(0, len(guideline.source), 11) if (one := hint(guideline, offset)) is not None]
    assert hints
    assert all(one.markdown and one.plain for one in hints)
