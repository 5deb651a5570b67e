"""The command, end to end: real files, real processes, exit codes."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from command import ENVIRONMENT, GUIDEX, Folder, codes
from guidex_schema.cli.streams import misuse
from guidex_schema.rule import GUIDELINES, discover
from guidex_schema.worker import Worker

GOOD = {"id": "good", "guidelines": GUIDELINES, "labels": "[Person(mention='Ada')]", "document": "Ada"}
BAD = GOOD | {"id": "bad", "labels": "[Persn(mention='Ada')]"}
WARNED = GOOD | {"id": "warned", "labels": "[Person('Ada'), Person('Ada')]"}
KEYS = ["code", "name", "severity", "message", "file", "record", "path", "part", "location", "span", "fix", "isolation"]

# What this system has, whatever that is.
with Worker() as _worker:
    ISOLATION = {"level": _worker.isolation.level, **_worker.isolation.model_dump(mode="json")}


@pytest.mark.parametrize(
    ("row", "options", "status"),
    [
        (GOOD, [], 0),
        (BAD, [], 1),
        (BAD, ["--exit-zero"], 0),
        (WARNED, [], 0),
        (WARNED, ["--fail-on", "warning"], 1),
        (WARNED, ["--fail-on", "warning", "--ignore", "duplicate-instance"], 0),
        (BAD, ["--select", "GX3"], 0),
        (BAD, ["--select", "GX3,GX201"], 1),
        (BAD, ["--select", "GX3", "--select", "gx2"], 1),
        (BAD, ["--ignore", "GX201, GX3"], 0),
    ],
)
def test_exit_codes(folder: Folder, row: Mapping[str, object], options: list[str], status: int) -> None:
    folder.write("rows.jsonl", row)
    assert folder.run("check", "rows.jsonl", *options).returncode == status


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "name a dataset"),
        (["check", "rows.jsonl", "--select", "undefined-clas"], "did you mean `undefined-class`?"),
        (["check", "rows.jsonl", "--ignore", "GX999"], "no rule is called `GX999`"),
        (["check", "rows.jsonl", "--select", "GX2", "--ignore", "GX2"], "no rule is left"),
        (["check", "rows.jsonl", "--config", "none.toml"], "none.toml cannot be read"),
        (["check", "rows.jsonl", "--output-file", "none/report.txt"], "cannot be written"),
        (["check", "rows.jsonl", "--output-file", "rows.jsonl"], "one of the files to read"),
        (["check", ".", "--output-file", "report.jsonl"], "one of the files to read"),
        (["check", "rows.jsonl", "--output-format", "jsonl"], "json-lines"),
        (["check", "rows.jsonl", "--no-such-option"], "No such option"),
        (["check", "labels.py", "--text", "document.txt"], "--text needs --guidelines"),
        (["check", "rows.jsonl", "--guidelines", "g.py"], "bring their own guidelines"),
        (["check", "-", "-"], "read once only"),
        (["check", "-", "--guidelines", "-"], "read once only"),
        (["rule", "valeu-absent"], "did you mean `value-absent`?"),
        (["schema", "none.py"], "none.py cannot be read"),
        (["schema", "latin.py"], "latin.py: line 1 is not UTF-8"),
        (["schema", "rows.jsonl", "--to", "yaml"], "json-schema"),
    ],
)
def test_misuse_is_told_in_a_line_and_exits_2(folder: Folder, arguments: list[str], message: str) -> None:
    folder.write("rows.jsonl", GOOD)
    (folder.path / "latin.py").write_bytes(b"# caf\xe9\n")
    done = folder.run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert not done.stdout
    assert json.loads((folder.path / "rows.jsonl").read_text(encoding="utf-8")) == GOOD


def test_bad_files_are_findings_and_the_rest_is_checked(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD, "{broken\n", {"labels": "[]"}, BAD)
    (folder.path / "bytes.jsonl").write_bytes(b"\xff\n" + json.dumps(GOOD).encode())
    folder.write("empty.jsonl", "")
    folder.write("array.json", f"[{json.dumps(GOOD)},\n {{broken}},\n {json.dumps(BAD)}]")
    arguments = ["rows.jsonl", "bytes.jsonl", "empty.jsonl", "none.jsonl", "array.json", "table.csv"]
    done = folder.start("check", *arguments, "--output-format", "json-lines", "--ignore", "GX5")
    assert done.returncode == 1
    found = [json.loads(line) for line in done.stdout.splitlines()]
    places = [(one["file"], one["record"] and one["record"]["line"], one["code"]) for one in found]
    assert places == [
        ("rows.jsonl", 2, "GX002"),
        ("rows.jsonl", 3, "GX003"),
        ("rows.jsonl", 4, "GX201"),
        ("bytes.jsonl", 1, "GX005"),
        ("empty.jsonl", None, "GX006"),
        ("none.jsonl", None, "GX001"),
        ("array.json", 2, "GX002"),
        ("array.json", 3, "GX201"),
        ("table.csv", None, "GX001"),
    ]
    assert all(list(one) == KEYS for one in found)
    assert all(one["part"] == "file" or one["location"] for one in found)


@pytest.mark.parametrize("name", ["none.jsonl", "labels.py", "empty.jsonl", "nothing", "broken.jsonl"])
def test_nothing_that_could_be_checked_exits_2(folder: Folder, name: str) -> None:
    folder.write("labels.py", "[]")
    folder.write("empty.jsonl", "")
    folder.write("broken.jsonl", "{\n")
    (folder.path / "nothing").mkdir()
    done = folder.run("check", name)
    assert done.returncode == 2
    assert "1 row or file could not be read" in done.stdout
    narrowed = folder.run("check", name, "--select", "GX2", "--quiet")
    assert narrowed.returncode == 2
    assert "could not be read" in narrowed.stderr
    assert folder.run("check", name, "--exit-zero").returncode == 0


def test_an_unread_row_is_never_clean_whatever_is_selected(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD, "{\n")
    done = folder.run("check", "rows.jsonl", "--select", "GX2", "--quiet")
    assert (done.returncode, done.stdout) == (1, "")
    assert "could not be read" in done.stderr


def test_the_full_report(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD, BAD)
    assert folder.start("check", "rows.jsonl").stdout == (
        "warning GX502 contradicting-annotations: the same document is annotated differently in row 0 (good), with the "
        "same entity types\n"
        " --> rows.jsonl:2 bad labels\n"
        "\n"
        "error GX201 undefined-class: the guidelines define no class `Persn`; did you mean `Person`?\n"
        " --> rows.jsonl:2 bad labels:1:2  at result[0]\n"
        "  |\n"
        "1 | [Persn(mention='Ada')]\n"
        "  |  ^^^^^\n"
        "  = fix (unsafe): Write `Person`\n"
        "\n"
        "warning GX501 duplicate-document: the same document stands in row 0 (good)\n"
        " --> rows.jsonl:2 bad document\n"
        "\n"
        "2 records checked, 1 kept: 1 error, 2 warnings\n"
    )


def test_the_concise_report_and_statistics(folder: Folder) -> None:
    folder.write("rows.jsonl", BAD)
    concise = folder.run("check", "rows.jsonl", "--output-format", "concise", "--quiet").stdout
    assert concise.startswith("rows.jsonl:1 bad labels:1:2: error GX201 undefined-class: result[0]: the guidelines")
    assert concise.count("\n") == 1
    counted = folder.run("check", "rows.jsonl", "--statistics").stdout
    assert counted == "       1  GX201  undefined-class\n1 record checked, 0 kept: 1 error\n"


def test_the_json_report(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD, "{\n")
    whole = json.loads(folder.run("check", "rows.jsonl", "--output-format", "json").stdout)
    assert [one["code"] for one in whole["diagnostics"]] == ["GX002"]
    assert whole["summary"] == {
        "checked": 1, "kept": 1, "unread": 1, "error": 1, "warning": 0, "info": 0, "codes": {"GX002": 1},
        "isolation": ISOLATION,
    }  # fmt: skip


@pytest.mark.parametrize("output_format", ["full", "concise", "json", "json-lines"])
def test_findings_can_be_written_to_a_file(folder: Folder, output_format: str) -> None:
    folder.write("rows.jsonl", BAD)
    shown = folder.run("check", "rows.jsonl", "--output-format", output_format)
    filed = folder.run("check", "rows.jsonl", "--output-format", output_format, "--output-file", "report.txt")
    assert (folder.path / "report.txt").read_text(encoding="utf-8") == shown.stdout
    assert filed.stdout == ""
    assert filed.stderr == "1 record checked, 0 kept: 1 error\n"
    assert filed.returncode == shown.returncode == 1
    assert (
        folder.run("check", "rows.jsonl", "--output-format", output_format, "--output-file", "-").stdout == shown.stdout
    )


def test_standard_input(folder: Folder) -> None:
    done = folder.run("check", "-", "--output-format", "json-lines", stdin=json.dumps(BAD) + "\n{\n")
    assert codes(done.stdout) == ["GX201", "GX002"]
    assert {json.loads(line)["file"] for line in done.stdout.splitlines()} == {"<stdin>"}
    closed = folder.shell("guidex check - <&-")
    assert (closed.returncode, closed.stderr) == (2, "guidex: standard input is closed\n")


def test_labels_against_guidelines(folder: Folder) -> None:
    folder.write("g.py", GUIDELINES)
    folder.write("d.txt", "Ada met Bob.\n")
    folder.write("good.py", "[Person('Ada'),\n Person('Bob')]\n")
    folder.write("bad.py", "[Person('Ada'),\n Persn('Bob')]\n")
    assert folder.run("check", "--guidelines", "g.py", "--text", "d.txt", "good.py").stdout == (
        "1 record checked, 1 kept: nothing found\n"
    )
    done = folder.run("check", "--guidelines", "g.py", "--text", "d.txt", "good.py", "bad.py", "none.py")
    assert done.returncode == 1
    assert " --> bad.py:2:2  at result[1]\n" in done.stdout
    assert "2 | " in done.stdout
    assert " --> none.py\n" in done.stdout
    assert "2 records checked, 1 kept, 1 row or file could not be read" in done.stdout
    piped = folder.run("check", "--guidelines", "g.py", "-", stdin="[Person(3)]")
    assert " --> <stdin>:1:9  at result[0].mention\n" in piped.stdout
    assert folder.run("check", "--guidelines", "none.py", "good.py").returncode == 2


def test_paths_are_checked_once(folder: Folder) -> None:
    folder.write("rows.jsonl", GOOD)
    assert "1 record checked" in folder.run("check", "rows.jsonl", "rows.jsonl").stdout


def test_columns_and_rules_are_settings(folder: Folder) -> None:
    row = {"uid": "u", "schema": GUIDELINES, "answer": "[Persn('Ada')]", "document": "Ada"}
    folder.write("rows.jsonl", row)
    assert folder.run("check", "rows.jsonl").returncode == 2
    folder.write("pyproject.toml", '[tool.guidex.columns]\nguidelines = "schema"\nlabels = "answer"\nid = "uid"\n')
    done = folder.run("check", "rows.jsonl", "--output-format", "json-lines")
    assert [(json.loads(one)["code"], json.loads(one)["record"]["id"]) for one in done.stdout.splitlines()] == [
        ("GX201", "u")
    ]
    folder.write("guidex.toml", 'ignore = ["GX2"]\n[columns]\nguidelines = "schema"\nlabels = "answer"\n')
    assert folder.run("check", "rows.jsonl").returncode == 0
    assert folder.run("check", "rows.jsonl", "--ignore", "GX5").returncode == 1
    assert folder.run("check", "rows.jsonl", "--config", "pyproject.toml").returncode == 1
    folder.write("guidex.toml", 'ignor = ["GX2"]\n')
    done = folder.run("check", "rows.jsonl")
    assert done.returncode == 2
    assert "unknown setting `ignor`; did you mean `ignore`?" in done.stderr


def test_a_severity_is_a_setting(folder: Folder) -> None:
    folder.write("rows.jsonl", BAD)
    folder.write("guidex.toml", '[severity]\nGX201 = "info"\n')
    done = folder.run("check", "rows.jsonl")
    assert done.returncode == 0
    assert done.stdout.startswith("info GX201")
    assert "1 kept: 1 note" in done.stdout


def test_colour_follows_the_environment(folder: Folder) -> None:
    folder.write("rows.jsonl", BAD)
    assert "\x1b[" not in folder.run("check", "rows.jsonl").stdout
    assert "\x1b[1;31m" in folder.run("check", "rows.jsonl", FORCE_COLOR="1").stdout
    assert "\x1b[" not in folder.run("check", "rows.jsonl", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b[" not in folder.run("check", "rows.jsonl", FORCE_COLOR="0").stdout
    assert "\x1b[" not in folder.run("check", "rows.jsonl", "--output-format", "json-lines", FORCE_COLOR="1").stdout


def test_output_does_not_depend_on_what_standard_output_can_encode(folder: Folder) -> None:
    folder.write("rows.jsonl", BAD | {"id": "東京", "labels": "[Persn('東京 é')]"})
    plain = folder.start("check", "rows.jsonl", "--output-format", "json-lines").stdout
    assert (
        folder.start("check", "rows.jsonl", "--output-format", "json-lines", PYTHONIOENCODING="ascii").stdout == plain
    )
    assert "東京" in plain
    shown = folder.start("check", "rows.jsonl", PYTHONIOENCODING="ascii")
    assert shown.returncode == 1
    assert r"\u6771\u4eac \xe9" in shown.stdout


def test_deceiving_text_is_shown_as_escapes(folder: Folder) -> None:
    folder.write("a\x1b[31m.jsonl", BAD | {"id": "\x1b]0;x\x07", "labels": "[Persn('\u202e\x1b[31m')]"})
    for output_format in ("full", "concise"):
        shown = folder.run("check", "a\x1b[31m.jsonl", "--output-format", output_format).stdout
        assert all(one.isprintable() or one == "\n" for one in shown)


@pytest.mark.parametrize("other", ["none/../rows.jsonl", "loop/rows.jsonl", "x" * 300 + ".jsonl"])
def test_a_path_to_nothing_takes_no_file_away(folder: Folder, other: str) -> None:
    folder.write("rows.jsonl", BAD)
    (folder.path / "loop").symlink_to("loop")
    alone = folder.run("check", "rows.jsonl", "--output-format", "concise")
    for paths in (["rows.jsonl", other], [other, "rows.jsonl"]):
        done = folder.run("check", *paths, "--output-format", "concise")
        assert done.returncode == 1
        assert set(alone.stdout.splitlines()[:-1]) < set(done.stdout.splitlines())
        assert "GX001" in done.stdout


@pytest.mark.parametrize("command", ["check", "convert -o out.jsonl", "ground", "stats"])
def test_a_file_that_is_named_twice_is_read_once(folder: Folder, command: str) -> None:
    folder.write("rows.jsonl", BAD)
    once = folder.run(*command.split(), "rows.jsonl")
    assert folder.run(*command.split(), "rows.jsonl", "./rows.jsonl", "rows.jsonl") == once
    for other in (f"../{folder.path.name}/rows.jsonl", str(folder.path / "rows.jsonl")):
        done = folder.run(*command.split(), "rows.jsonl", other)
        assert done.stdout == once.stdout
        assert f"guidex: {other} is rows.jsonl, and is read once\n" in done.stderr
    (folder.path / "test.jsonl").symlink_to("rows.jsonl")
    assert folder.run(*command.split(), "rows.jsonl", "test.jsonl").stderr.count("read once") == 0


def test_a_reader_that_leaves_ends_the_command_quietly(folder: Folder) -> None:
    folder.write("rows.jsonl", *[BAD] * 300)
    done = folder.shell("guidex check rows.jsonl | head -1; echo ${PIPESTATUS[0]}")
    assert done.stderr == ""
    first, status = done.stdout.splitlines()
    assert first.startswith("error GX201")
    assert status == "141"


@pytest.mark.parametrize("command", ["check", "convert -o /tmp/out.jsonl", "ground", "stats", "lint"])
def test_a_working_folder_that_is_gone_is_told(folder: Folder, command: str) -> None:
    folder.write("rows.jsonl", BAD)
    (folder.path / "gone").mkdir()
    done = folder.shell(f"cd gone; rmdir ../gone; guidex {command} {folder.path}/rows.jsonl")
    told = "guidex: the working folder is gone; change to one that is there\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_what_a_cluster_needs_is_what_the_manual_says(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    folder.write("rows.jsonl", BAD)
    done = folder.run("check", "rows.jsonl", "--engine", "ray")
    needed = "[ray,data]'"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"pip install 'guidex-schema{needed}\n")
    assert f"pip install '.{needed}" in (Path(__file__).parent.parent / "docs" / "scale.md").read_text("utf-8")


def test_a_full_disk_is_told(folder: Folder) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    folder.write("rows.jsonl", BAD)
    done = folder.shell("guidex check rows.jsonl > /dev/full")
    assert (done.returncode, done.stderr) == (2, "guidex: standard output: No space left on device\n")
    assert folder.shell("guidex check rows.jsonl >&-").returncode == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("the store does not answer"), "the store does not answer"),
        (OSError(28, "No space left on device"), "standard output: No space left on device"),
        (FileNotFoundError(2, "No such file or directory", "a.txt"), "a.txt: No such file or directory"),
    ],
)
def test_an_error_is_told_with_its_place(error: OSError, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, misuse():
        raise error
    assert (ended.value.exit_code, capsys.readouterr().err) == (2, f"guidex: {told}\n")


@pytest.mark.parametrize("command", ["check", "stats", "lint"])
def test_a_file_that_cannot_be_written_to_its_end_is_left_as_it_was(folder: Folder, command: str) -> None:
    folder.write("rows.jsonl", *[BAD | {"guidelines": f"class Type{number}: pass"} for number in range(300)])
    folder.write("guidelines.py", "".join(f"class Type{number}: pass\n" for number in range(300)))
    read = "guidelines.py" if command == "lint" else "rows.jsonl"
    arguments = f"{command} {read} --output-format json --output-file report.json"
    full = "guidex: report.json cannot be written: File too large\n"
    for there in ([], ["report.json"]):
        # No file may have more than so many kilobytes, which fails as a full disk does.
        done = folder.shell(f"ulimit -f 8; guidex {arguments}")
        assert (done.returncode, done.stdout, done.stderr) == (2, "", full)
        assert sorted(one.name for one in folder.path.iterdir()) == sorted(["guidelines.py", "rows.jsonl", *there])
        folder.write("report.json", "older")
    assert (folder.path / "report.json").read_text("utf-8") == "older"
    assert folder.run(*arguments.split()).returncode < 2
    assert json.loads((folder.path / "report.json").read_text("utf-8"))


def test_an_interrupt_ends_the_command_in_a_line(folder: Folder) -> None:
    with subprocess.Popen(
        [*GUIDEX, "check", "-", "--output-format", "json-lines"],
        cwd=folder.path,
        env=ENVIRONMENT | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # A line is read ahead, so the first finding shows that the second line is awaited.
        process.stdin.write((json.dumps(BAD) + "\n").encode())
        process.stdin.flush()
        assert process.stdout.readline()
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    read = rb"1 record checked, 0 kept: 1 error.*"
    assert re.fullmatch(rb"guidex: interrupted: " + read + rb"; the rest was not read\n", errors)


def on_terminal(folder: Folder, *arguments: str) -> str:
    """Run the command on a terminal and give all that it shows."""
    master, slave = pty.openpty()
    environment = ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "60"}
    with subprocess.Popen(
        [*GUIDEX, *arguments], cwd=folder.path, env=environment, stdin=slave, stdout=slave, stderr=slave
    ):
        os.close(slave)
        shown = b""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and select.select([master], [], [], 60)[0]:
            try:
                piece = os.read(master, 65_536)
            except OSError:  # Linux's way to say that the other end is closed.
                break
            if not piece:
                break
            shown += piece
    os.close(master)
    return shown.decode("utf-8").replace("\r\n", "\n")


def test_a_terminal_gets_colours_and_lines_that_fit(folder: Folder) -> None:
    folder.write("rows.jsonl", BAD | {"labels": "[Person('" + "東京" * 60 + "'), Persn('Ada')]"})
    shown = on_terminal(folder, "check", "rows.jsonl", "--select", "GX201")
    assert "\x1b[1;31m" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    line, mark = (next(one for one in plain if one.startswith(start)) for start in ("1 | …", "  |  "))
    assert "Persn" in line
    # Every Chinese character left of the class takes two cells.
    before = line[: line.index("Persn")]
    assert len(mark) - 5 == len(before) + sum(one in "東京" for one in before)
    listed = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(folder, "rule")).splitlines()
    assert len(listed) == len(discover())
    assert max(map(len, listed)) <= 60
    assert "```" not in on_terminal(folder, "rule", "GX201")


def test_rules_are_explained(folder: Folder) -> None:
    listed = folder.run("rule").stdout.splitlines()
    assert [line.split()[0] for line in listed] == [rule.code for rule in discover()]
    by_code, by_name = folder.run("rule", "GX201"), folder.run("rule", "undefined-class")
    assert by_code.stdout == by_name.stdout
    assert by_code.stdout.startswith("# GX201 undefined-class\n")
    assert folder.run("rule", "gx201").stdout == by_code.stdout
    family = folder.run("rule", "GX3").stdout.splitlines()
    assert family == [line for line in listed if line.startswith("GX3")] or family[0].startswith("# GX3")
    assert folder.run("rule", "--all").stdout.startswith("# Rules\n")


def test_a_schema_is_shown(folder: Folder) -> None:
    folder.write("g.py", GUIDELINES)
    whole = json.loads(folder.run("schema", "g.py").stdout)
    assert whole["entity_types"][0]["name"] == "Person"
    assert [one["name"] for one in whole["entity_types"][0]["attributes"]] == ["mention", "role", "children"]
    described = json.loads(folder.run("schema", "g.py", "--to", "json-schema").stdout)
    assert described["$schema"].startswith("https://json-schema.org/")
    written = folder.run("schema", "-", "--to", "python", stdin=GUIDELINES)
    assert written.returncode == 0
    assert folder.run("schema", "-", "--to", "python", stdin=written.stdout).stdout == written.stdout


def test_faults_of_a_schema_are_told_beside_it(folder: Folder) -> None:
    folder.write("g.py", GUIDELINES + "\n@dataclass\nclass Broken(:\n    x: str\n")
    done = folder.run("schema", "g.py")
    assert done.returncode == 1
    assert json.loads(done.stdout)["entity_types"][0]["name"] == "Person"
    assert re.match(r"g\.py:\d+:\d+: error GX011 guideline-syntax: ", done.stderr)


def test_the_version_and_help(folder: Folder) -> None:
    assert folder.start("--version").stdout == f"guidex-schema {version('guidex-schema')}\n"
    assert folder.run("--help").returncode == 0
    for command in ("check", "rule", "schema"):
        assert f"guidex {command} [OPTIONS]" in folder.run(command, "--help").stdout
    bare = folder.run()
    assert "Commands:" in bare.stdout + bare.stderr
