"""Files that cannot be read, or not to their end: no command that reads datasets is done then."""

import gzip
import json

import pyarrow as pa
import pytest

from command import Folder
from filter_rows import DOCUMENT, GUIDELINES

ROW = {"guidelines": GUIDELINES, "labels": '[Person(mention="Ada")]', "document": DOCUMENT}
COMMANDS = {
    "filter": ["-o", "kept.jsonl", "--rejected", "no.jsonl"],
    "convert": ["-o", "out.jsonl"],
    "stats": [],
    "report": ["-o", "page.html"],
}
NAMES = ["missing.jsonl", "cut.jsonl.gz", "open.json", "behind.json", "cut.arrow"]


def write_files(folder: Folder) -> None:
    """Write a file that can be read, and files that cannot, or not as a whole."""
    folder.write("good.jsonl", ROW)
    rows = "".join(json.dumps({**ROW, "id": str(number)}) + "\n" for number in range(50))
    (folder.path / "cut.jsonl.gz").write_bytes(gzip.compress(rows.encode())[:-9])
    folder.write("open.json", f"[{json.dumps(ROW)},")
    folder.write("behind.json", f"[{json.dumps(ROW)}] and more")
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pylist([ROW] * 4)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    (folder.path / "cut.arrow").write_bytes(sink.getvalue().to_pybytes()[:-500])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_not_read_to_its_end_is_exit_code_1(folder: Folder, command: str) -> None:
    write_files(folder)
    arguments = [*COMMANDS[command], "--ignore", "GX3"] if command in ("filter", "stats") else COMMANDS[command]
    assert folder.run(command, "good.jsonl", *arguments).returncode == 0
    for name in NAMES:
        done = folder.run(command, "good.jsonl", name, *arguments, "--max-rejected", "100%")
        assert (name, done.returncode) == (name, 1), done.stderr
    assert folder.run(command, "missing.jsonl", *arguments).returncode == 2


@pytest.mark.parametrize("command", ["filter", "convert"])
def test_a_folder_is_not_written_among_what_is_read(folder: Folder, command: str) -> None:
    folder.write("rows/a.jsonl", ROW)
    arguments = ["--rejected", "no.jsonl"] if command == "filter" else []
    done = folder.run(command, "rows", "-o", "rows/new", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("guidex: rows/new is one of the files to read, or holds one or stands among them")
    assert [path.name for path in (folder.path / "rows").iterdir()] == ["a.jsonl"]
