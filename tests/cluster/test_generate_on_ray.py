"""``guidex generate --engine ray``: the same stages, gates, answers and outputs as in one process."""

import re

import pytest

from command import Folder
from model_server import Body, ModelServer, Reply, as_json, chat, closed_port, last_words, obeying
from nodes import Nodes, guidex
from scripted import GOOD, tree

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]

COUNT = 16
# Prompts that name their stage, so that a server without a model knows what it is asked.
ASKED = {
    "1_summary.md": "stage: summary\n{{document}}",
    "2_structure.md": "stage: structure\n{{summary}} {{document}}",
    "3_guideline.md": "stage: guideline\n{{structure}}",
    "4_instances.md": "stage: instances\n{{guidelines}} {{document}}",
    "repair.md": "stage: repair\n{{output}} {{findings}} {{wanted}}",
}


def answer(body: Body) -> Reply:
    """Answer each stage well, some structures badly at first, and about one document never."""
    words = last_words(body)
    stage = re.match(r"stage: (\w+)", words)
    if stage is None:
        return obeying("lark", "json-schema")(body)
    if stage[1] == "structure" and re.search(r"letter \d*7\.", words):
        return as_json(chat("no JSON"))
    if stage[1] == "repair":
        return as_json(chat(GOOD["structure"]))
    if stage[1] == "summary" and "letter 5." in words:
        return as_json({"error": {"message": "not this one"}}, 400)
    return as_json(chat(GOOD[stage[1]]))


@pytest.fixture
def ready(folder: Folder) -> Folder:
    folder.write("in.jsonl", *({"text": f"Ada wrote letter {number % 15}."} for number in range(COUNT)), "no JSON\n")
    for name, text in ASKED.items():
        folder.write(f"prompts/{name}", text)
    folder.write("guidex.toml", '[engine]\nbatch = 8\nretries = 1\n[generation]\ndecoding = "free"\n')
    return folder


def generated(folder: Folder, engine: str, output: str, *more: str) -> list[str]:
    return ["generate", "in.jsonl", "-o", output, "--prompts", "prompts", "--engine", engine, *more]


def test_outputs_are_those_of_a_run_in_one_process(ready: Folder, nodes: Nodes) -> None:
    with ModelServer(answer) as server, ModelServer(answer) as another:
        urls = ("--base-url", server.url, "--base-url", another.url)
        here = guidex(ready.path, *generated(ready, "openai", "here", *urls))
        asked = [len(one.asked) for one in (server, another)]
        there = guidex(ready.path, *generated(ready, "ray", "there", "--address", nodes.address, *urls))
        assert sum(len(one.asked) for one in (server, another)) == 2 * sum(asked)
        assert min(len(one.asked) - before for one, before in zip((server, another), asked, strict=True)) > COUNT
        # Requests of a batch are under way together.
        assert max(server.most, another.most) > 1
    assert (here.returncode, there.returncode) == (0, 0)
    assert there.stderr == here.stderr.replace("here/", "there/")
    assert "17 documents: 14 kept, 2 rejected, 1 duplicate, 0 pending" in there.stderr
    assert there.stdout == ""
    # A refusal names the server, which is the one whose turn it was.
    written = [
        {name: re.sub(rb"127\.0\.0\.1:\d+", b"SERVER", content) for name, content in tree(ready.path / one).items()}
        for one in ("there", "here")
    ]
    assert written[0] == written[1]


def test_a_run_goes_on_with_what_was_answered_in_one_process(ready: Folder, nodes: Nodes) -> None:
    with ModelServer(answer) as server:
        guidex(ready.path, *generated(ready, "openai", "whole", "--base-url", server.url))
        guidex(ready.path, *generated(ready, "openai", "out", "--base-url", server.url, "--limit", "6"))
        before = len(server.asked)
        more = ("--base-url", server.url, "--limit", "8", "--address", nodes.address)
        done = guidex(ready.path, *generated(ready, "ray", "out", *more))
        # Two more documents in four stages, the refused one again, and a repair.
        assert len(server.asked) - before == 2 * 4 + 1 + 1
    assert "8 documents: 7 kept, 1 rejected" in done.stderr


def test_servers_that_are_gone_leave_documents_pending(ready: Folder, nodes: Nodes) -> None:
    def dying(body: Body) -> Reply:
        return Reply(reset=True) if "stage: guideline" in last_words(body) else answer(body)

    with ModelServer(dying) as server:
        more = ("--base-url", server.url, "--address", nodes.address)
        done = guidex(ready.path, *generated(ready, "ray", "out", *more))
    assert done.returncode == 2
    assert re.search(r"0 kept, 2 rejected, 1 duplicate, 14 pending", done.stderr), done.stderr
    assert "cannot be reached or broke off" in done.stderr


def test_where_no_cluster_is_one_line_says_so(ready: Folder) -> None:
    with ModelServer(answer) as server:
        address = f"127.0.0.1:{closed_port()}"
        done = guidex(ready.path, *generated(ready, "ray", "out", "--base-url", server.url, "--address", address))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"guidex: no Ray cluster at {address}: ")
    assert done.stderr.count("\n") == 1
