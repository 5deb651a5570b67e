"""Runs of the command against a server that is slow, goes away or ignores grammars, and on a disk that is full."""

import json
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable

import pytest

from command import ENVIRONMENT, GUIDEX, Folder
from model_server import Body, ModelServer, Reply, as_json, chat, last_words, obeying
from scripted import GOOD, tree
from test_killed_generate import transcripts

COUNT = 6
ASKED = {
    "1_summary.md": "stage: summary\n{{document}}",
    "2_structure.md": "stage: structure\n{{document}}",
    "3_guideline.md": "stage: guideline\n{{structure}}\n{{document}}",
    "4_instances.md": "stage: instances\n{{guidelines}}\n{{document}}",
    "repair.md": "{{output}}\n{{findings}}",
}


def answer(body: Body) -> Reply:
    """Say what a careful model would, and obey the grammars of the probe."""
    stage = re.match(r"stage: (\w+)", last_words(body))
    return obeying("lark", "json-schema")(body) if stage is None else as_json(chat(GOOD[stage[1]]))


def slow(body: Body) -> Reply:
    return answer(body)._replace(delay=0.05)


@pytest.fixture
def ready(folder: Folder) -> Folder:
    """Give a folder with documents, prompts that name their stage, and settings."""
    folder.write("in.jsonl", *({"text": f"Ada wrote letter {number}."} for number in range(COUNT)))
    for name, text in ASKED.items():
        folder.write(f"prompts/{name}", text)
    folder.write("guidex.toml", '[engine]\nname = "openai"\nbatch = 2\nretries = 0\n[generation]\ndecoding = "free"\n')
    return folder


def command(server: ModelServer, *more: str) -> list[str]:
    return ["generate", "in.jsonl", "-o", "out", "--prompts", "prompts", "--base-url", server.url, *more]


def prompts_of(server: ModelServer) -> Counter[str]:
    return Counter(words for body in server.asked if (words := last_words(body)).startswith("stage: "))


def whole(folder: Folder, *more: str) -> dict[str, bytes]:
    """Give what a run comes to that nothing disturbs."""
    with ModelServer(answer) as server:
        done = folder.run("generate", "in.jsonl", "-o", "whole", *command(server)[4:], *more)
    assert done.returncode == 0, done.stderr
    return tree(folder.path / "whole")


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -9), (signal.SIGTERM, -15)])
def test_a_run_that_is_ended_goes_on_where_it_was(ready: Folder, sent: signal.Signals, status: int) -> None:
    undisturbed = whole(ready)
    with ModelServer(slow) as server:
        process = subprocess.Popen(
            [*GUIDEX, *command(server)], cwd=ready.path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
        )
        wait_for(lambda: len(prompts_of(server)) >= 11)
        process.send_signal(sent)
        _, told = process.communicate(timeout=30)
        assert process.returncode == status, told
        assert "Traceback" not in told
        if sent is signal.SIGINT:
            # What is finished is published.
            kept = (ready.path / "out/data/train.jsonl").read_bytes().splitlines()
            assert 1 <= len(kept) < COUNT
            assert f"{COUNT} documents: {len(kept)} kept, 0 rejected, 0 duplicates, {COUNT - len(kept)} pending" in told
            assert "pending (interrupted); run the same command again to go on" in told
            assert ready.run("check", "out").returncode == 0
            # The published pipeline took what there was for all there is.
            assert "The run is not complete" in (ready.path / "out/README.md").read_text()
        done = ready.run(*command(server))
        assert done.returncode == 0, done.stderr
        asked = prompts_of(server)
    assert tree(ready.path / "out") == undisturbed
    assert len(asked) == 4 * COUNT
    # What was under way when it ended is asked again, and nothing else.
    assert sum(asked.values()) <= 4 * COUNT + 2


def test_a_server_that_goes_away_leaves_what_is_done(ready: Folder) -> None:
    undisturbed = whole(ready)
    gone = False

    def dying(body: Body) -> Reply:
        nonlocal gone
        gone = gone or "letter 3" in last_words(body)
        return Reply(reset=True) if gone else answer(body)

    with ModelServer(dying) as server:
        done = ready.run(*command(server))
    assert done.returncode == 2
    assert re.search(rf"{COUNT} documents: [1-3] kept, 0 rejected, 0 duplicates, [3-5] pending", done.stderr)
    assert "run the same command again to go on" in done.stderr
    with ModelServer(answer) as server:
        assert ready.run(*command(server)).returncode == 0
        assert sum(prompts_of(server).values()) < 4 * COUNT
    assert tree(ready.path / "out") == undisturbed


@pytest.mark.parametrize("status", [400, 404])
def test_what_a_server_refuses_for_a_while_is_asked_again(ready: Folder, status: int) -> None:
    undisturbed = whole(ready)

    def moody(body: Body) -> Reply:
        return Reply(status=status, body=b"{}") if "letter 3" in last_words(body) else answer(body)

    with ModelServer(moody) as server:
        done = ready.run(*command(server))
        assert f"{COUNT - 1} kept" in done.stderr
        # Once a run, however often.
        assert sum("letter 3" in words for words in prompts_of(server).elements()) == 1
    with ModelServer(answer) as server:
        assert ready.run(*command(server)).returncode == 0
    assert tree(ready.path / "out") == undisturbed


def test_a_server_that_ignores_grammars_is_refused(ready: Folder) -> None:
    with ModelServer(lambda body: as_json(chat("hello"))) as server:
        done = ready.run(*command(server, "--decoding", "grounded"))
    assert done.returncode == 2
    assert "`--decoding free`" in done.stderr
    assert not (ready.path / "out").exists()


def test_grammars_of_the_document_are_sent_and_told(ready: Folder) -> None:
    with ModelServer(answer) as server:
        done = ready.run(*command(server, "--decoding", "grounded", "--limit", "1"))
    assert done.returncode == 0, done.stderr
    sent = {}
    for body in server.asked:
        if last_words(body).startswith("stage: "):
            sent[last_words(body).split()[1]] = body.get("structured_outputs")
    assert sent["summary"] is sent["guideline"] is None
    assert isinstance(sent["structure"], dict)
    assert list(sent["structure"]) == ["json"]
    assert isinstance(sent["instances"], dict)
    assert "Person" in str(sent["instances"]["grammar"])
    (row,) = (ready.path / "out/data/train.jsonl").read_bytes().splitlines()
    assert json.loads(row)["provenance"]["decoding"] == "grounded-lark"
    assert json.loads(row)["provenance"]["model"] == "tiny-1"


def test_a_dry_run_asks_nothing(ready: Folder) -> None:
    with ModelServer(answer) as server:
        done = ready.run(*command(server, "--decoding", "grounded", "--dry-run"))
        assert not server.asked
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{COUNT} documents to ask about")
    assert not (ready.path / "out").exists()


@pytest.mark.parametrize("kilobytes", [8, 60, 100, 200])
def test_a_full_disk_ends_the_run_and_loses_nothing(folder: Folder, kilobytes: int) -> None:
    transcripts(folder, 12)
    arguments = "generate in.jsonl -o {} --transcripts transcripts.jsonl"
    assert folder.run(*arguments.format("whole").split()).returncode == 0
    # A file that grows beyond the limit is refused like a disk that is full.
    done = folder.shell(f"ulimit -f {kilobytes}; guidex {arguments.format('out')}")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    published = tree(folder.path / "out") if (folder.path / "out").exists() else {}
    assert not published or published == tree(folder.path / "whole")
    done = folder.run(*arguments.format("out").split())
    assert done.returncode == 0, done.stderr
    assert tree(folder.path / "out") == tree(folder.path / "whole")
