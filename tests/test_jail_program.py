"""The jailed program in process, with its doors left open: frames in, frames out."""

import importlib.util
import json
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lockdown
import policy
from guidex_schema.worker import restrictedpython_site

SANDBOX = Path(__file__).parent.parent / "sandbox"


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("jailed_program", SANDBOX / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockdown, "load_resource", lambda: None)


def frame(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def request(source: str, classes: tuple[str, ...] = ("P",)) -> bytes:
    return frame(json.dumps({"source": source, "classes": classes, "enums": []}).encode())


def frames(data: bytes) -> Iterator[dict[str, object]]:
    while data:
        (length,) = struct.unpack(">I", data[:4])
        assert len(data) >= 4 + length
        yield json.loads(data[4 : 4 + length].decode("ascii"))
        data = data[4 + length :]


def served(program: ModuleType, data: bytes) -> list[dict[str, object]]:
    """Let the program answer what fits into a pipe, and give all that it says."""
    source, host_sink = os.pipe()
    host_source, sink = os.pipe()
    os.write(host_sink, data)
    os.close(host_sink)
    try:
        program.serve(source, sink)
    finally:
        os.close(source)
        os.close(sink)
    with os.fdopen(host_source, "rb") as replies:
        return list(frames(replies.read()))


def test_it_answers_every_request_in_order(program: ModuleType) -> None:
    asked = [request("[P(1)]"), request(""), request("[P("), request("[lambda: 1]"), request("[P(2)]")]
    ready, *replies = served(program, b"".join(asked))
    assert ready == {"status": "ready", "level": []}
    assert [reply["status"] for reply in replies] == ["ok", "empty", "syntax", "refused", "ok"]


def test_the_readme_shows_what_it_says(program: ModuleType) -> None:
    text = (SANDBOX / "README.md").read_text("utf-8")
    blocks = ["".join(block) for block in text.split("\n\n") if block.startswith("    {")]
    ready, asked, ok, syntax, refused, empty, memory = blocks
    assert '"status": "ready"' in ready
    sources = [json.loads(asked)["source"], "[P(", "[lambda: 1]", ""]
    said = [json.dumps({"source": one, "classes": ["Person", "Role"], "enums": ["Role"]}).encode() for one in sources]
    _, *replies = served(program, b"".join(map(frame, said)))
    shown = json.loads(ok)
    assert [one["name"] for one in shown.pop("unused")] == ["ada"]
    assert replies == [{**shown, "unused": []}, {**json.loads(syntax), "column": 3, "message": "'(' was never closed"},
                       json.loads(refused), json.loads(empty)]  # fmt: skip
    assert json.loads(memory) == {"status": "memory"}


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, 20])
def test_it_ends_where_the_host_stops_writing(program: ModuleType, cut: int) -> None:
    assert len(served(program, request("[P(1)]")[:cut])) == 1


def test_it_ends_at_a_request_that_is_too_long(program: ModuleType) -> None:
    assert len(served(program, struct.pack(">I", program.FRAME_LIMIT + 1) + request("[P(1)]"))) == 1


@pytest.mark.parametrize(
    ("error", "status"), [(MemoryError(), {"status": "memory"}), (RecursionError(), None)]
)  # fmt: skip
def test_running_out_of_something_is_an_answer(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: dict[str, object] | None
) -> None:
    def read(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(policy, "read", read)
    _, reply = served(program, request("[]"))
    assert reply == (status or {
        "status": "refused",
        "refusals": [{"construct": "too deep a nesting", "limit": True, "place": None}],
    })  # fmt: skip


def test_frames_survive_pipes_that_cut_them(program: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    write, read = os.write, os.read
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    source, sink = os.pipe()
    program.write_frame(sink, ["\ud800é"])
    monkeypatch.setattr(os, "read", lambda descriptor, length: read(descriptor, min(length, 2)))
    assert program.read_exactly(source, 4) == struct.pack(">I", 16)
    assert program.read_exactly(source, 16) == b'["\\ud800\\u00e9"]'
    os.close(sink)
    assert program.read_exactly(source, 1) is None
    os.close(source)


@given(text=st.text(st.characters(exclude_categories=()), max_size=2_000))
def test_any_text_is_answered(program: ModuleType, text: str) -> None:
    _, first, second = served(program, request(text) + request("[P(1)]"))
    assert first["status"] in ("ok", "syntax", "refused", "empty")
    assert second["status"] == "ok"


def test_main_forgets_where_restricted_python_came_from(program: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[object, ...]] = []
    path = [*sys.path]
    monkeypatch.setattr(sys, "argv", ["sandbox", "a folder of its own"])
    monkeypatch.setattr(program, "serve", lambda *descriptors: said.append((*descriptors, list(sys.path))))
    program.main()
    assert said == [(0, 1, path)]
    assert str(restrictedpython_site()) in path
