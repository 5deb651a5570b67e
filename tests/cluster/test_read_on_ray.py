"""Datasets that are read on a cluster: what is said and written is what one machine says and writes."""

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import corpus
from command import Done
from crew_work import Play
from guidex_schema.cluster import job, reading
from guidex_schema.cluster.session import session
from guidex_schema.crew import Crew
from guidex_schema.datasets import read_jsonl
from guidex_schema.datasets.piece_source import Source
from guidex_schema.error import IsolationError
from nodes import Nodes, cluster_of, guidex
from slow import Slow
from strict_work import Strict
from test_real_rows import DATA
from test_workers import line

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).parent.parent.parent
# A shard of JSONL and a part of one.
ROWS = 400


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a generated corpus, as JSONL and as Parquet in small row groups."""
    import pyarrow as pa
    from pyarrow import parquet

    folder = tmp_path_factory.mktemp("made")
    rows = [one.columns() for one in corpus.rows(5, ROWS)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "parquet").mkdir()
    parquet.write_table(pa.Table.from_pylist(rows), folder / "parquet" / "train.parquet", row_group_size=40)
    return folder


def both(folder: Path, nodes: Nodes, *arguments: str) -> tuple[Done, Done]:
    """Run a command here and on the cluster."""
    here = guidex(folder, *arguments)
    return here, guidex(folder, *arguments, "--engine", "ray", env=nodes.environment())


def test_findings_are_those_of_one_machine(nodes: Nodes) -> None:
    real = [str(DATA / "rows.jsonl")] if DATA.exists() else []
    paths = ["fixtures/datasets", "fixtures/attacks", *real]
    here, there = both(ROOT, nodes, "check", *paths, "--output-format", "json-lines", "--statistics")
    assert here.stdout.count("\n") > 200
    assert there == here


@pytest.mark.parametrize("name", ["rows.jsonl", "parquet"])
def test_a_corpus_is_judged_as_on_one_machine(made: Path, nodes: Nodes, name: str) -> None:
    here, there = both(made, nodes, "check", name, "--output-format", "json-lines")
    assert here.returncode == 1
    assert there == here


def test_values_and_counts_are_those_of_one_machine(made: Path, nodes: Nodes) -> None:
    here, there = both(made, nodes, "stats", (made / "parquet").as_uri(), "--output-format", "json")
    assert sum(json.loads(here.stdout)["rows"].values()) >= ROWS
    assert there == here


def test_kept_and_rejected_rows_are_those_of_one_machine_byte_by_byte(made: Path, nodes: Nodes) -> None:
    written = []
    for engine, environment in (("local", None), ("ray", nodes.environment())):
        outputs = [made / f"{engine}-kept.jsonl", made / f"{engine}-rejected.jsonl"]
        command = ("filter", "rows.jsonl", "-o", str(outputs[0]), "--rejected", str(outputs[1]), "--engine", engine)
        done = guidex(made, *command, env=environment)
        written.append((done, [one.read_bytes() for one in outputs]))
    (here, kept_here), (there, kept_there) = written
    assert kept_there == kept_here
    assert len(kept_here[0].splitlines()) > ROWS / 2
    assert there == here


def test_a_row_that_ends_its_process_is_told_and_costs_no_other(nodes: Nodes, tmp_path: Path) -> None:
    labels = [*"abc", "kill", *"defg", "kill", "raise", *"hi"]
    rows = list(read_jsonl(b"".join(map(line, labels)), "rows.jsonl"))
    pieces = [tuple(rows[start : start + 3]) for start in range(0, len(rows), 3)]
    expected = list(Crew(Play(tmp_path), 2, lambda _: None).results(Source(pieces)))
    assert sum("SIGKILL" in str(one) for one in expected) == 2
    assert list(reading.results(Play(tmp_path), pieces, nodes.address)) == expected


def test_a_node_that_is_weaker_than_demanded_refuses(nodes: Nodes, tmp_path: Path) -> None:
    (row,) = read_jsonl(line("a"), "rows.jsonl")
    with pytest.raises(IsolationError, match=r"on the node .*: labels are isolated at level .process."):
        list(reading.results(Strict(tmp_path, ("process",)), [(row,)], nodes.address))


# Many rows share a document, and what is found across rows rejects.
SEVERE = "".join(f'{name} = "error"\n' for name in ("duplicate-document", "split-leakage", "inconsistent-type"))
REPEATED = 4


@pytest.fixture(scope="module")
def severe(made: Path) -> Path:
    """Give settings by which what is found across rows rejects, and rows of which several have each document."""
    (made / "severe.toml").write_text(f"[severity]\n{SEVERE}", encoding="utf-8")
    rows = [json.loads(one) for one in (made / "rows.jsonl").read_text("utf-8").splitlines()[: ROWS // REPEATED]]
    lines = (json.dumps(row | {"split": split}) + "\n" for split in ("train", "test") for row in rows * 2)
    (made / "repeated.jsonl").write_text("".join(lines), encoding="utf-8")
    return made


LOST = {
    "ground": ("ground", "rows.jsonl", "parquet"),
    "check": ("check", "repeated.jsonl", "--output-format", "json-lines"),
    "filter": ("filter", "repeated.jsonl", "-o", "-", "--rejected", "rejected.jsonl", "--config", "severe.toml"),
    "stats": ("stats", "repeated.jsonl", "--output-format", "json"),
}


@pytest.mark.parametrize("name", sorted(LOST))
def test_a_lost_node_changes_nothing(severe: Path, name: str) -> None:
    here = guidex(severe, *LOST[name])
    assert here.returncode in (0, 1), here.stderr
    rejected = severe / "rejected.jsonl"
    expected = rejected.read_bytes() if rejected.exists() else b""
    rejected.unlink(missing_ok=True)
    with cluster_of(2) as nodes, ThreadPoolExecutor() as threads:
        process = subprocess.Popen(
            [sys.executable, "-m", "guidex_schema", *LOST[name], "--engine", "ray"],
            cwd=severe,
            env=nodes.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        ended = threads.submit(process.communicate, timeout=240)
        nodes.kill_busy(process)
        said, told = ended.result()
    assert said.decode("utf-8") == here.stdout
    assert told.decode("utf-8") == here.stderr
    assert process.returncode == here.returncode
    assert (rejected.read_bytes() if rejected.exists() else b"") == expected
    rejected.unlink(missing_ok=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda one: one.name)
def test_who_is_ended_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    row = {"guidelines": "", "labels": "[Alien()]", "document": "Ada wrote of it."}
    (tmp_path / "rows.jsonl").write_text((json.dumps(row) + "\n") * 300_000, encoding="utf-8")
    arguments = ["filter", "rows.jsonl", "--engine", "ray", "-o", "kept.jsonl", "--rejected", "rejected.jsonl"]
    with (
        cluster_of(1) as nodes,
        subprocess.Popen(
            [sys.executable, "-m", "guidex_schema", *arguments],
            cwd=tmp_path,
            env=nodes.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process,
    ):
        nodes.busy(process)
        process.send_signal(number)
        said, told = process.communicate(timeout=60)
    assert said == b""
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert told.startswith(b"guidex: interrupted: ")
    else:
        assert process.returncode == -number
        assert told == b""
    assert [one.name for one in tmp_path.iterdir()] == ["rows.jsonl"]


def test_what_a_lost_node_did_with_rows_that_meet_is_done_again(tmp_path: Path) -> None:
    with cluster_of(2) as nodes, session(nodes.address), ThreadPoolExecutor() as threads:
        found = threads.submit(list, job.done_anywhere(Slow(tmp_path), range(6), jobs=None))
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.05)
        nodes.kill()
        assert found.result() == [f"{number} done" for number in range(6)]
    # What the node had begun was begun once more.
    assert len(list(tmp_path.iterdir())) > 6


def test_what_ray_holds_back_of_repeated_news_is_not_told_at_the_end(
    nodes: Nodes, capsys: pytest.CaptureFixture[str]
) -> None:
    from ray._private.worker import print_to_stdstream

    with session(nodes.address), ThreadPoolExecutor() as threads:
        for number in range(3):
            news = {"lines": ["a node is lost"], "pid": f"raylet {number}", "ip": "127.0.0.1", "is_err": False}
            threads.submit(print_to_stdstream, news, ignore_prefix=False).result()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("check", "-", "--engine", "ray"), "standard input is read on one machine"),
        (("check", "--guidelines", "g.py", "l.py", "--engine", "ray"), "a label file is read on one machine"),
        (("check", "rows.jsonl", "--address", "127.0.0.1:1"), "--address is for --engine ray"),
        (("check", "rows.jsonl", "--engine", "ray", "--address", "127.0.0.1:1"), "no Ray cluster at 127.0.0.1:1"),
        (("check", "rows.jsonl", "--engine", "ray", "--address", "ray://127.0.0.1:1"), "is for Ray's client"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(made: Path, arguments: tuple[str, ...], reason: str) -> None:
    done = guidex(made, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
