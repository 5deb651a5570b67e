"""Frames from both sides: what is written is read, what is cut or forged is not, and JSON is taken at its shortest."""

import json
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import frames
from guidex_schema import frames as host

NONCE = bytes(range(16))
OTHER = bytes(16)
SECONDS = 10
LIMIT = 4000

nonces = st.binary(min_size=16, max_size=16)
bodies = st.binary(max_size=2000)


def write_frame(descriptor: int, nonce: bytes, body: bytes) -> None:
    host.write_frame(descriptor, nonce, body, time.monotonic() + SECONDS)


def read_frame(descriptor: int, nonce: bytes, limit: int) -> bytes:
    return host.read_frame(descriptor, nonce, limit, time.monotonic() + SECONDS)


class Pipe:
    """Two ends of a pipe, each closed at most once."""

    def __init__(self) -> None:
        self.source, self.sink = os.pipe()
        self._open = {self.source, self.sink}

    def close(self, *ends: int) -> None:
        for end in ends or tuple(self._open):
            self._open.remove(end)
            os.close(end)


@contextmanager
def piped(data: bytes = b"", *, is_cut: bool = True) -> Iterator[Pipe]:
    """Give a pipe that holds some bytes and that nothing more comes through."""
    pipe = Pipe()
    try:
        os.write(pipe.sink, data)
        if is_cut:
            pipe.close(pipe.sink)
        yield pipe
    finally:
        pipe.close()


def frame(body: bytes, nonce: bytes = NONCE) -> bytes:
    return struct.pack(">I", len(body)) + nonce + body


def garbled(body: bytes) -> bool:
    try:
        host.decode(body)
    except host.Garbled:
        return True
    return False


# Writing and reading


@given(nonce=nonces, body=bodies)
def test_both_sides_write_the_same(nonce: bytes, body: bytes) -> None:
    for write in (write_frame, frames.write):
        with piped(is_cut=False) as pipe:
            write(pipe.sink, nonce, body)
            assert os.read(pipe.source, 5000) == frame(body, nonce)


@given(nonce=nonces, said=st.lists(bodies, max_size=5))
def test_what_one_side_writes_the_other_reads(nonce: bytes, said: list[bytes]) -> None:
    with piped(is_cut=False) as pipe:
        for body in said:
            write_frame(pipe.sink, nonce, body)
            assert frames.read(pipe.source, LIMIT) == (nonce, body)
            frames.write(pipe.sink, nonce, body)
            assert read_frame(pipe.source, nonce, LIMIT) == body
        pipe.close(pipe.sink)
        assert frames.read(pipe.source, LIMIT) is None
        with pytest.raises(EOFError):
            read_frame(pipe.source, nonce, LIMIT)


def test_both_sides_agree_on_the_nonce_before_the_first_request() -> None:
    assert host.NO_NONCE == frames.NO_NONCE == bytes(16)
    assert host.NONCE_BYTES == frames.NONCE_BYTES == 16


@given(body=bodies, data=st.data())
def test_a_frame_that_is_cut_is_none(body: bytes, data: st.DataObject) -> None:
    whole = frame(body)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with piped(cut) as pipe:
        assert frames.read(pipe.source, LIMIT) is None
    with piped(cut) as pipe, pytest.raises(EOFError, match="closed its pipe"):
        read_frame(pipe.source, NONCE, LIMIT)


@pytest.mark.parametrize("piece", [1, 2, 3, 19, 21])
def test_frames_survive_pipes_that_cut_them(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    write, read = os.write, os.read
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:piece]))
    monkeypatch.setattr(os, "read", lambda descriptor, length: read(descriptor, min(length, piece)))
    with piped(is_cut=False) as pipe:
        write_frame(pipe.sink, NONCE, b"a request that is cut")
        assert frames.read(pipe.source, LIMIT) == (NONCE, b"a request that is cut")
        frames.write(pipe.sink, NONCE, b"a reply that is cut")
        assert read_frame(pipe.source, NONCE, LIMIT) == b"a reply that is cut"


@pytest.mark.parametrize("write", [write_frame, frames.write])
def test_writing_to_a_closed_pipe_is_an_error(write: object) -> None:
    assert callable(write)
    with piped(is_cut=False) as pipe:
        pipe.close(pipe.source)
        with pytest.raises(BrokenPipeError):
            write(pipe.sink, NONCE, b"x")


@given(asked=nonces, found=nonces)
@example(asked=NONCE, found=OTHER)
@example(asked=NONCE, found=bytes([*NONCE[:15], 0]))
@example(asked=NONCE, found=NONCE)
def test_only_the_nonce_that_was_asked_with_makes_a_reply(asked: bytes, found: bytes) -> None:
    with piped(frame(b"{}", found)) as pipe:
        if asked == found:
            assert read_frame(pipe.source, asked, LIMIT) == b"{}"
        else:
            with pytest.raises(host.Garbled):
                read_frame(pipe.source, asked, LIMIT)


@pytest.mark.parametrize("announced", [LIMIT + 1, 2**31, 2**32 - 1])
def test_a_frame_that_is_too_long_is_not_read(announced: int) -> None:
    head = struct.pack(">I", announced) + NONCE
    with piped(head + b"body", is_cut=False) as pipe:
        with pytest.raises(host.Oversize) as error:
            read_frame(pipe.source, NONCE, LIMIT)
        assert error.value.args == (announced,)
        assert os.read(pipe.source, 100) == b"body"
    with piped(head + b"body", is_cut=False) as pipe:
        with pytest.raises(frames.Oversize):
            frames.read(pipe.source, LIMIT)
        assert os.read(pipe.source, 100) == b"body"


def test_a_frame_may_be_as_long_as_the_limit() -> None:
    body = b"x" * LIMIT
    with piped(frame(body) * 2) as pipe:
        assert read_frame(pipe.source, NONCE, LIMIT) == body
        assert frames.read(pipe.source, LIMIT) == (NONCE, body)


def test_a_forged_frame_is_not_believed_about_its_length_either() -> None:
    with piped(b"\xff" * 4 + OTHER) as pipe, pytest.raises(host.Garbled):
        read_frame(pipe.source, NONCE, LIMIT)


def test_an_announced_length_takes_no_memory() -> None:
    with piped(struct.pack(">I", 2**32 - 1) + NONCE + b"x") as pipe, pytest.raises(EOFError):
        read_frame(pipe.source, NONCE, 2**32)


# JSON

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**99) + 1, 10**99),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=())),
)
keys = st.text(st.characters(exclude_categories=()), max_size=10)
objects = st.dictionaries(
    keys,
    st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(keys, inner, max_size=5)),
        max_leaves=20,
    ),
    max_size=5,
)


@given(content=objects)
def test_an_object_travels_whole(content: dict[str, frames.Json]) -> None:
    body = frames.encoded(content)
    assert body.isascii()
    assert host.decode(body) == content
    assert json.dumps(host.decode(body)) == json.dumps(content)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_the_jail_writes_no_number_that_is_none(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        frames.encoded({"a": [number]})


pieces = st.sampled_from(
    ["{", "}", "[", "]", ":", ",", '"', '"a"', '"a":', "1", "-", "1e9", "1e999", ".5", "NaN", "Infinity", "true",
     "null", "\\u", "\\ud800", "\x00", "é", " ", "\ufeff", "{}", '{"a":1}']
)  # fmt: skip


@given(body=st.one_of(st.binary(max_size=300), st.lists(pieces, max_size=30).map(lambda all_: "".join(all_).encode())))
@example(body=b"")
@example(body=b'{"a":' * 150 + b"1" + b"}" * 150)
@example(body=b'{"a":' * 100_000)
@example(body=b'{"a": "\xed\xa0\x80"}')
def test_any_bytes_are_an_object_or_garbled(body: bytes) -> None:
    try:
        content = host.decode(body)
    except host.Garbled:
        return
    assert isinstance(content, dict)
    assert json.loads(body) == content


GARBLED = {
    "nothing": b"",
    "no JSON": b"ok",
    "a list": b'[{"status": "ok"}]',
    "a string": b'"ok"',
    "null": b"null",
    "a number": b"5",
    "two objects": b"{}{}",
    "a rest": b"{} x",
    "a cut object": b'{"a": 1',
    "a key twice": b'{"status": "refused", "status": "ok"}',
    "a key twice in another spelling": b'{"status": 1, "st\\u0061tus": 2}',
    "a key twice inside": b'{"a": [{"b": 1, "b": 1}]}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": [Infinity]}',
    "minus infinity": b'{"a": -Infinity}',
    "more than a float": b'{"a": 1e999}',
    "less than a float": b'{"a": [-1.5e400]}',
    "no UTF-8": b'{"a": "\xff"}',
    "a surrogate as UTF-8": b'{"a": "\xed\xa0\x80"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-16 without mark": '{"a": 1}'.encode("utf-16-le"),
    "UTF-32": '{"a": 1}'.encode("utf-32"),
    "a mark": b"\xef\xbb\xbf{}",
    "NUL": b'{"a": "\0"}',
    "single quotes": b"{'a': 1}",
    "a comment": b'{"a": 1} // done',
    "a trailing comma": b'{"a": 1,}',
    "a number of 101 digits": b'{"a": ' + b"9" * 101 + b"}",
    "deep lists": b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}",
    "deep objects": b'{"a":' * 101 + b"1" + b"}" * 101,
    "very deep lists": b'{"a": ' + b"[" * 90_000 + b"]" * 90_000 + b"}",
    "very deep objects": b'{"a":' * 150_000 + b"1" + b"}" * 150_000,
    "too many lists": b'{"a": [' + b"[]," * 200_000 + b"1]}",
    "too many objects": b'{"a": [' + b"{}," * 200_000 + b"1]}",
    "many brackets in a text": b'{"a": "' + b"[{" * 100_001 + b'"}',
}  # fmt: skip


@pytest.mark.parametrize("name", GARBLED)
def test_what_is_no_honest_object_is_garbled(name: str) -> None:
    assert garbled(GARBLED[name])


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b' {"a" : [1, -0.0, 1e308, true, null, "\\ud800", {}]}\n',
        b'{"a": {"b": 1}, "b": {"b": 1}}',
        b'{"a": ' + b"9" * 100 + b', "' + b"9" * 4000 + b'": 7}',
        b'{"a": ' + b"[" * 98 + b"]" * 98 + b"}",
        b'{"a": [' + b"[]," * 190_000 + b"1]}",
        b'{"a": 1e-999}',
    ],
)
def test_what_is_large_or_odd_but_honest_is_read(body: bytes) -> None:
    assert host.decode(body) == json.loads(body)


# Time


def test_who_writes_nothing_is_late_whoever_holds_the_pipe() -> None:
    source, sink = os.pipe()
    held = os.dup(sink)
    os.close(sink)
    for written in (b"", b"\0\0"):
        os.write(held, written)
        began = time.monotonic()
        with pytest.raises(host.Late):
            host.read_frame(source, NONCE, LIMIT, began + 0.1)
        assert 0.1 <= time.monotonic() - began < 5
    os.close(held)
    os.close(source)


def test_who_reads_nothing_is_late() -> None:
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    with pytest.raises(host.Late):
        host.write_frame(sink, NONCE, bytes(1 << 20), time.monotonic() + 0.1)
    os.close(source)
    os.close(sink)


def test_there_is_no_time_before_the_deadline_has_come() -> None:
    source, sink = os.pipe()
    with pytest.raises(host.Late):
        host.write_frame(sink, NONCE, b"", time.monotonic())
    os.close(source)
    os.close(sink)
