"""``guidex lint`` and ``guidex config``, end to end: real files, exit codes, and what stands in them afterwards."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from command import GUIDEX, Folder, codes
from guidex_schema.linting import Linter
from guidex_schema.rule import Example, Rule, by_name, discover

HEAD = "from dataclasses import dataclass\n\n"
PERSON = (
    '@dataclass\nclass Person:\n    """A person whom the text names."""\n    names: list{}  # all names as written\n'
)
CLEAN = HEAD + PERSON.format("")
FAULTY = PERSON.format(" = []")
MENDED = FAULTY.replace("[]", "field(default_factory=list)")
# A required attribute behind one with a default: only an author knows whether the order matters.
UNSAFE = CLEAN + "    born: int = 0  # the year\n    name: str  # the full name\n"


@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        (CLEAN, [], 0),
        (FAULTY, [], 1),
        (FAULTY, ["--exit-zero"], 0),
        (FAULTY, ["--fix"], 0),
        (FAULTY, ["--diff"], 1),
        (FAULTY, ["--diff", "--exit-zero"], 0),
        (CLEAN, ["--diff"], 0),
        (UNSAFE, ["--diff"], 0),
        (UNSAFE, ["--diff", "--unsafe-fixes"], 1),
        (UNSAFE, ["--fix"], 1),
        (UNSAFE, ["--fix", "--unsafe-fixes"], 0),
        (FAULTY, ["--add-ignore"], 0),
        (FAULTY, ["--ignore", "GX1"], 0),
        (FAULTY, ["--select", "GX2"], 0),
        (FAULTY, ["--select", "GX2", "--extend-select", "missing-import"], 1),
        (FAULTY, ["--ignore", "GX1", "--select", "GX106"], 1),
        (CLEAN.replace("the text names", "") + "class person: pass\n", [], 0),
        (CLEAN.replace("the text names", "") + "class person: pass\n", ["--fail-on", "warning"], 1),
    ],
)
def test_exit_codes(folder: Folder, text: str, options: list[str], status: int) -> None:
    folder.write("g.py", text)
    done = folder.run("lint", "g.py", *options)
    assert done.returncode == status, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lint"], "name a guideline file"),
        (["lint", "g.py", "--unsafe-fixes"], "--unsafe-fixes goes with --fix or --diff"),
        (["lint", "g.py", "--add-ignore", "--fix"], "run --fix first"),
        (["lint", "g.py", "--select", "mising-import"], "did you mean `missing-import`?"),
        (["lint", "g.py", "--select", "GX1", "--ignore", "GX1"], "no rule is left"),
        (["lint", "g.py", "--config", "none.toml"], "none.toml cannot be read"),
        (["lint", ".", "--output-file", "g.py"], "one of the files to read"),
        (["lint", "g.py", "--fxi"], "--fix"),
        (["lint", "g.py", "--select", ""], "--select names no rule"),
        (["config", "--extend-select", "GX999"], "no rule is called `GX999`"),
    ],
)
def test_misuse_is_one_line_and_exit_code_2(folder: Folder, arguments: list[str], message: str) -> None:
    folder.write("g.py", CLEAN)
    done = folder.run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_findings_name_the_file_and_its_lines(folder: Folder) -> None:
    folder.write("g.py", FAULTY)
    done = folder.run("lint", "g.py", "--output-format", "concise")
    assert done.stdout.splitlines() == [
        "g.py:1:2: error GX107 missing-import: `dataclass` is not imported from dataclasses [fix]",
        (
            "g.py:4:19: error GX106 mutable-default: Person.names: the default of `Person.names` is mutable; "
            "dataclasses refuse it [fix]"
        ),
        "1 file linted: 2 errors; 2 can be fixed with --fix",
    ]
    whole = json.loads(folder.run("lint", "g.py", "--output-format", "json").stdout)
    assert whole["summary"]["fixable"] == {"safe": 2, "unsafe": 0}
    assert "isolation" not in whole["summary"]
    assert [one["record"] for one in whole["diagnostics"]] == [None, None]


def test_fixes_are_made_and_listed(folder: Folder) -> None:
    folder.write("g.py", FAULTY)
    done = folder.run("lint", "g.py", "--fix", "--show-fixes")
    assert done.stdout == "1 file linted: nothing found; 2 fixed\n"
    assert done.stderr.splitlines() == [
        "g.py:1:2: GX107 missing-import fixed: Import `dataclass` from dataclasses",
        "g.py:6:19: GX106 mutable-default fixed: Write `field(default_factory=list)`",
    ]
    assert (folder.path / "g.py").read_text().endswith(MENDED)
    assert folder.run("lint", "g.py", "--fix").stdout == "1 file linted: nothing found\n"


def test_a_diff_is_what_git_reads_and_changes_nothing(folder: Folder) -> None:
    text = FAULTY.replace("\n", "\r\n").rstrip() + " # \u2028 no line"
    (folder.path / "g.py").write_bytes(text.encode())
    done = folder.start("lint", "g.py", "--diff")
    assert done.returncode == 1
    assert (folder.path / "g.py").read_bytes() == text.encode()
    subprocess.run(["git", "apply", "-"], input=done.stdout.encode(), cwd=folder.path, check=True)
    patched = (folder.path / "g.py").read_bytes()
    (folder.path / "g.py").write_bytes(text.encode())
    assert folder.run("lint", "g.py", "--fix").returncode == 0
    assert (folder.path / "g.py").read_bytes() == patched
    assert b"\n" not in patched.replace(b"\r\n", b"")


def test_standard_input_comes_out_mended(folder: Folder) -> None:
    done = folder.start("lint", "-", "--fix", "--stdin-filename", "my.py", stdin=FAULTY.replace("\n", "\r\n").encode())
    assert done.returncode == 0
    assert done.stdout.endswith(MENDED.replace("\n", "\r\n"))
    assert done.stderr == "1 file linted: nothing found; 2 fixed\n"
    done = folder.start("lint", "-", "--output-format", "concise", "--stdin-filename", "my.py", stdin=FAULTY.encode())
    assert done.stdout.startswith("my.py:1:2: error GX107")


def test_suppressions_are_written_and_hold(folder: Folder) -> None:
    folder.write("g.py", FAULTY)
    done = folder.run("lint", "g.py", "--add-ignore", "--show-fixes")
    assert "GX106 mutable-default suppressed" in done.stderr
    suppressed = FAULTY.replace("written\n", "written  # guidex: ignore[GX106]\n")
    suppressed = suppressed.replace("class Person:\n", "class Person:  # guidex: ignore[GX107]\n")
    assert (folder.path / "g.py").read_text() == suppressed
    assert folder.run("lint", "g.py").returncode == 0


def test_checking_labels_heeds_what_the_author_suppresses_and_a_row_suppresses_nothing(folder: Folder) -> None:
    marked = CLEAN.replace("list  #", "list = []  #").replace("written\n", "written  # guidex: ignore[GX106]\n")
    folder.write("g.py", marked)
    folder.write("labels.py", "[Person(names=['Ada'])]")
    assert folder.run("check", "--guidelines", "g.py", "labels.py").returncode == 0
    folder.write("rows.jsonl", {"guidelines": marked, "labels": "[Person(names=['Ada'])]", "document": "Ada"})
    done = folder.run("check", "rows.jsonl", "--output-format", "json-lines")
    assert codes(done.stdout) == ["GX106"]
    assert folder.run("check", "rows.jsonl", "--no-lint", "-q").stdout == ""


def test_files_that_cannot_be_read_are_named_and_the_rest_is_linted(folder: Folder) -> None:
    odd = folder.path / "odd"
    odd.mkdir()
    (odd / "binary.py").write_bytes(bytes(range(256)))
    (odd / "latin.py").write_bytes("x = 'ö'\n".encode("latin-1"))
    (odd / "large.py").write_bytes(b"# x\n" * 1_100_000)
    (odd / "loop.py").symlink_to("loop.py")
    (odd / "gone.py").symlink_to("nowhere.py")
    (odd / "round").symlink_to(odd)
    os.mkfifo(odd / "pipe.py")
    (odd / ".hidden").mkdir()
    (odd / ".hidden" / "h.py").write_text(FAULTY)
    (odd / "venv").mkdir()
    (odd / "venv" / "pyvenv.cfg").touch()
    (odd / "venv" / "v.py").write_text(FAULTY)
    (odd / "good.py").write_text(CLEAN)
    (odd / "notes.txt").write_text("no guidelines")
    done = folder.run("lint", "odd", "gone.py", "--output-format", "json-lines")
    found = {json.loads(line)["file"]: json.loads(line)["code"] for line in done.stdout.splitlines()}
    assert found == {
        "odd/binary.py": "GX005",
        "odd/latin.py": "GX005",
        "odd/large.py": "GX010",
        "odd/loop.py": "GX001",
        "odd/gone.py": "GX001",
        "odd/pipe.py": "GX001",
        "gone.py": "GX001",
    }
    assert done.returncode == 1
    assert folder.run("lint", "odd/gone.py").returncode == 2
    (folder.path / "empty").mkdir()
    assert "holds no guideline file" in folder.run("lint", "empty").stdout


def test_a_file_that_cannot_be_written_is_named_and_the_rest_is_mended(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("a.py", FAULTY)
    folder.write("b.py", FAULTY)
    fix = Linter.fix

    def slow(self: Linter, source: str, *, unsafe: bool, file: str, ignored: set[str]) -> object:
        if file == "a.py":
            (folder.path / "a.py").write_text(FAULTY + "# typed meanwhile\n")
        return fix(self, source, unsafe=unsafe, file=file, ignored=ignored)

    monkeypatch.setattr(Linter, "fix", slow)
    done = folder.run("lint", "a.py", "b.py", "--fix")
    assert done.returncode == 2
    assert "a.py changed while it was read; it is left as it is" in done.stderr
    assert "1 file" not in done.stderr
    assert (folder.path / "a.py").read_text() == FAULTY + "# typed meanwhile\n"
    assert (folder.path / "b.py").read_text().endswith(MENDED)


def test_what_is_not_python_is_never_clean(folder: Folder) -> None:
    folder.write("g.py", "from dataclasses import dataclass\n@dataclass\nclass Person(\n    name: str\n")
    for options in (["--select", "GX1"], ["--ignore", "GX011"]):
        done = folder.run("lint", "g.py", *options)
        assert done.returncode == 1
        assert "1 rows or files could not be read, and the rules that say why are left out" in done.stderr
    done = folder.run("lint", "g.py")
    assert done.returncode == 1
    assert "GX011" in done.stdout
    assert "could not be read" not in done.stdout


def test_a_diff_names_what_could_not_be_read(folder: Folder) -> None:
    (folder.path / "bad.py").write_bytes(b"x\xff\n")
    done = folder.run("lint", "bad.py", "--diff")
    assert done.returncode == 2
    assert "bad.py: error GX005 invalid-utf-8: line 1 is not UTF-8 (0xff)" in done.stderr


def test_what_cannot_be_read_from_standard_input_is_given_back(folder: Folder) -> None:
    done = subprocess.run(
        [*GUIDEX, "lint", "--fix", "-"], input=b"x\xff\n", cwd=folder.path, capture_output=True, check=False
    )
    assert done.stdout == b"x\xff\n"
    assert b"GX005" in done.stderr


def test_a_folder_that_may_not_be_entered_is_named_and_the_rest_is_linted(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("d/e.py", CLEAN)
    folder.write("good.py", FAULTY)

    stat = Path.stat

    def forbidding(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.parent.name == "d":
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", forbidding)
    done = folder.run("lint", ".", "d/e.py", "a" * 300 + ".py", "--output-format", "concise")
    assert "good.py:4:19: error GX106" in done.stdout
    assert "File name too long" in done.stdout
    assert done.returncode == 1


SETTINGS = """
extend-select = ["GX127"]
exclude = ["old", "generated_*.py"]

[per-file-ignores]
"templates/*" = ["GX1"]
"odd.py" = ["missing-import"]

[severity]
GX1 = "warning"
missing-import = "info"

[thresholds]
definition-words = 0
"""


def test_settings_say_what_is_linted(folder: Folder) -> None:
    folder.write("guidex.toml", SETTINGS)
    for name in ("g.py", "odd.py", "templates/t.py", "old/o.py", "generated_1.py"):
        folder.write(name, FAULTY)
    done = folder.run("lint", ".", "--output-format", "json-lines")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["file"], one["code"], one["severity"]) for one in found] == [
        ("g.py", "GX107", "info"),
        ("g.py", "GX106", "warning"),
        ("odd.py", "GX106", "warning"),
    ]
    assert done.returncode == 0
    folder.run("lint", "odd.py", "--fix")
    assert (folder.path / "odd.py").read_text() != FAULTY, "what is ignored in a file is not fixed there"


def test_excluded_files_that_are_named_are_linted_unless_that_is_ruled_out(folder: Folder) -> None:
    folder.write("guidex.toml", 'exclude = ["old"]')
    folder.write("old/g.py", FAULTY)
    assert folder.run("lint", "old/g.py").returncode == 1
    assert folder.run("lint", "old/g.py", "--fix", "--force-exclude").stdout == "0 files linted: nothing found\n"
    assert (folder.path / "old" / "g.py").read_text() == FAULTY
    assert "holds no guideline file (.py) that is not excluded" in folder.run("lint", ".").stdout


def test_settings_hold_for_datasets_too(folder: Folder) -> None:
    folder.write("guidex.toml", '[per-file-ignores]\n"drafts/*.jsonl" = ["GX2"]\n')
    row = {"guidelines": CLEAN, "labels": "[Persn(names=['Ada'])]"}
    folder.write("drafts/rows.jsonl", row | {"document": "Ada wrote."})
    folder.write("rows.jsonl", row | {"document": "Ada read."})
    done = folder.run("check", ".", "--output-format", "json-lines")
    assert [(json.loads(line)["file"], json.loads(line)["code"]) for line in done.stdout.splitlines()] == [
        ("rows.jsonl", "GX201"),
    ]


def test_config_says_where_each_setting_comes_from(folder: Folder) -> None:
    folder.write("guidex.toml", SETTINGS)
    listed = json.loads(folder.run("config", "--output-format", "json", "--ignore", "GX5,GX3").stdout)
    assert Path(listed["file"]) == folder.path / "guidex.toml"
    settings = listed["settings"]
    assert settings["ignore"] == {"value": ["GX5", "GX3"], "origin": "command line"}
    assert settings["extend-select"] == {"value": ["GX127"], "origin": listed["file"]}
    assert settings["thresholds.definition-words"] == {"value": 0, "origin": listed["file"]}
    assert settings["thresholds.similarity"]["origin"] == "default"
    assert settings["columns.labels"] == {"value": "labels", "origin": "default"}
    text = folder.run("config").stdout
    assert f'extend-select = ["GX127"]  # {listed["file"]}\n' in text
    assert 'severity = { "GX1" = "warning", "missing-import" = "info" }' in text
    assert folder.run("config", "--config", "none.toml").returncode == 2


def test_config_without_a_file(folder: Folder) -> None:
    assert folder.run("config", "--config", os.devnull).returncode == 0


LINTS = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in discover()
    if rule.is_lint
    for number, example in enumerate((*rule.valid, *rule.invalid))
]


@pytest.mark.parametrize(("rule", "example"), LINTS)
def test_a_file_has_the_findings_of_the_examples(rule: Rule, example: Example, folder: Folder) -> None:
    if example.labels != "[]" or example.document is not None:
        # What depends on labels or a document is a matter of rows.
        return
    if (example.origin == "row" and "guidex:" in example.guidelines) or example.file is not None:
        return
    (folder.path / "g.py").write_bytes(example.guidelines.encode("utf-8"))
    selected = ",".join((rule.code, *(by_name()[name].code for name in example.beside)))
    done = folder.run("lint", "g.py", "--select", selected, "--output-format", "json-lines")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    found = [one for one in found if one["code"] == rule.code]
    assert len(found) == (example in rule.invalid)
    for one in found:
        assert (one["path"], one["severity"]) == (example.path, rule.severity)
        if example.message:
            assert one["message"] == example.message
