"""Standard input: JSONL, compressed or not, and a line that says what to do with anything else."""

import gzip
import json
import subprocess
import time
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from command import ENVIRONMENT, GUIDEX, Folder

ROW = {"guidelines": "", "labels": "[Alien()]", "document": "Ada wrote of it."}
LINES = b"".join(json.dumps(ROW | {"id": str(number)}).encode() + b"\n" for number in range(1_000))


def zstd(data: bytes) -> bytes:
    compressed: bytes = pa.compress(data, "zstd", asbytes=True)
    return compressed


def table(kind: str) -> bytes:
    sink = pa.BufferOutputStream()
    rows = pa.table({"guidelines": [""], "labels": ["[]"]})
    match kind:
        case "Parquet":
            pq.write_table(rows, sink)
        case "file":
            with pa.ipc.new_file(sink, rows.schema) as writer:
                writer.write_table(rows)
        case _:
            with pa.ipc.new_stream(sink, rows.schema) as writer:
                writer.write_table(rows)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(
    "pack", [gzip.compress, zstd, lambda data: gzip.compress(data[:500]) + gzip.compress(data[500:])]
)
@pytest.mark.parametrize("command", ["check", "convert", "stats"])
def test_what_is_compressed_is_read(folder: Folder, command: str, pack: Callable[[bytes], bytes], jobs: str) -> None:
    options = {"check": ["--jobs", jobs], "stats": ["--jobs", jobs], "convert": ["-o", "-"]}[command]
    plain = folder.run(command, "-", *options, stdin=LINES)
    assert plain.stdout.count("1,000") if command == "stats" else plain.stdout.count("\n") >= 1_000
    assert folder.run(command, "-", *options, stdin=pack(LINES)) == plain


def test_what_is_cut_off_is_told(folder: Folder) -> None:
    for data in (gzip.compress(LINES)[:-9], b"\x1f\x8b"):
        done = folder.run("check", "-", "--select", "GX0", "--output-format", "concise", stdin=data)
        assert done.stdout.startswith("<stdin>: error GX001 unreadable-file: the file is cut off or damaged")
        assert done.returncode in (1, 2)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (table("Parquet"), "Parquet"),
        (table("file"), "Arrow"),
        (table("stream"), "Arrow"),
        (b"BZh91AY", "bzip2"),
        (b"PK\x03\x04rest", "a ZIP archive"),
    ],
)
@pytest.mark.parametrize("command", ["check -", "filter - -o k.jsonl --rejected r.jsonl", "convert - -o k.jsonl"])
def test_what_is_no_stream_is_refused_in_a_line(folder: Folder, command: str, data: bytes, kind: str) -> None:
    done = folder.run(*command.split(), stdin=data)
    assert done.returncode == 2
    said = f"it is {kind}, and a stream is read as JSONL, plain or by gzip or zstd; name a file"
    assert (done.stdout + done.stderr).count(said) == 1
    assert "GX002" not in done.stdout + done.stderr


@pytest.mark.parametrize("data", [b"", b"\n", b"\x1f", b"{", LINES])
def test_all_else_is_read_as_lines(folder: Folder, data: bytes) -> None:
    folder.path.joinpath("rows.jsonl").write_bytes(data)
    named = folder.run("check", "rows.jsonl", "--output-format", "concise")
    piped = folder.run("check", "-", "--output-format", "concise", stdin=data)
    assert piped.stdout.replace("<stdin>", "rows.jsonl") == named.stdout


def test_a_pipe_that_is_named_may_be_compressed(folder: Folder) -> None:
    folder.path.joinpath("rows.gz").write_bytes(gzip.compress(LINES))
    done = folder.shell("guidex check <(cat rows.gz) --jobs 2")
    assert "1,000 records checked" in done.stdout


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_stream_holds_is_told_however_it_arrives(
    folder: Folder, pack: Callable[[bytes], bytes], jobs: str
) -> None:
    command = [*GUIDEX, "check", "-", "--output-format", "concise", "--jobs", jobs]
    data = pack(LINES)
    plain = folder.run(*command[len(GUIDEX) :], stdin=LINES)
    with subprocess.Popen(
        command, cwd=folder.path, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write(data[:1])
        process.stdin.flush()
        time.sleep(1.5)
        said, errors = process.communicate(data[1:], timeout=60)
    assert (process.returncode, said.decode(), errors.decode()) == (plain.returncode, plain.stdout, plain.stderr)
