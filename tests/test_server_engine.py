"""The engine that asks servers: what it sends, what it makes of good answers, and of every kind of bad one."""

import gzip
import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidex_schema.error import EngineError, UsageError
from guidex_schema.generation.engine import Answer, Completion, Constraint, Engine, Failure, Message, Request
from guidex_schema.generation.engines import start
from guidex_schema.generation.engines.server import ServerEngine
from guidex_schema.generation.probe import enforced_dialect, enforces_schema
from guidex_schema.generation_settings import EngineSettings
from model_server import Body, ModelServer, Reply, as_json, chat, closed_port, constraint, echo, last_words, obeying

PAUSE = 0.01
ALL = ("lark", "ebnf", "json-schema")
GRAMMAR = Constraint(kind="lark", text='start: "a"')
HTML = Reply(200, b"<html><body>Bad gateway", (("Content-Type", "text/html"),))

TRANSIENT = {
    "500": as_json({"error": {"message": "CUDA error"}}, 500),
    "502 in HTML": Reply(502, b"<html>Bad gateway", (("Content-Type", "text/html"),)),
    "503": as_json({"error": "loading model"}, 503),
    "408": as_json({}, 408),
    "429": as_json({"error": {"message": "slow down"}}, 429),
    "429 with Retry-After": as_json({"error": {"message": "slow down"}}, 429, Retry_After="0.02"),
    "429 with an odd Retry-After": as_json({}, 429, Retry_After="soon"),
    "429 with a Retry-After long ago": as_json({}, 429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "HTML": HTML,
    "no body": Reply(),
    "garbage": Reply(200, b"\xff\xfe\x00garbage\x1b[2J"),
    "half a body": as_json(chat("cut"))._replace(cut=True),
    "no JSON": Reply(200, b'{"choices": [{"message"'),
    "a list": as_json([]),
    "nested too deep": Reply(200, b"[" * 100_000),
    "a number that is too long": Reply(200, b'{"choices": ' + b"9" * 5_000 + b"}"),
    "no choices": as_json({"model": "tiny", "choices": []}),
    "choices that are none": as_json({"choices": "many"}),
    "a choice that is none": as_json({"choices": [None]}),
    "no message": as_json({"choices": [{"finish_reason": "stop"}]}),
    "a message that is no text": as_json({"choices": [{"message": {"content": ["a"]}}]}),
    "a packing that is none": Reply(200, b"{}", (("Content-Encoding", "gzip"),)),
    "reset": Reply(reset=True),
    "too late": as_json(chat("late"))._replace(delay=2.0),
}


# Nor is an answer whole that does not say so.
TRANSIENT |= {f"ends for {why}": as_json(chat("half", why)) for why in (None, "abort", "error", "tool_calls", "")}
# A server that changes, or one behind a gate that changes: all this may be otherwise later.
TRANSIENT |= {str(status): as_json({"detail": "not now"}, status) for status in (302, 304, 307, 404, 405, 410, 418)}

GONE = {"302", "304", "307", "404", "405", "410", "418", "429", "503"}


def request(number: int = 0, text: str = "Hello", **fields: Any) -> Request:
    asked = {"seed": 5, "max_tokens": 9, "messages": (Message(role="user", content=text),), **fields}
    return Request(document="d", stage="summary", attempt=number, **asked)


def options(*servers: ModelServer | str, **fields: Any) -> EngineSettings:
    urls = tuple(one if isinstance(one, str) else one.url for one in servers)
    return EngineSettings(**{"name": "openai", "base_urls": urls, "timeout": 5, "retries": 2, **fields})


def patience(fault: str) -> float:
    return 1.0 if fault == "too late" else 5


@contextmanager
def engine(*servers: ModelServer | str, **fields: Any) -> Iterator[ServerEngine]:
    one = ServerEngine(options(*servers, **fields), pause=PAUSE)
    try:
        yield one
    finally:
        one.close()


def collected(one: Engine, requests: Sequence[Request]) -> list[Answer]:
    for asked in requests:
        one.submit(asked)
    answers: list[Answer] = []
    while some := one.collect():
        answers += some
    assert sorted(str(asked) for asked, _ in answers) == sorted(str(asked) for asked in requests)
    return answers


def answer(one: Engine, asked: Request) -> Completion | Failure:
    return collected(one, [asked])[0][1]


def prove(one: ServerEngine, server: ModelServer, then: Sequence[Reply] = ()) -> None:
    """Have a server that obeys tried, and then forget that."""
    assert enforced_dialect(one, seed=1) == "lark"
    assert enforces_schema(one, seed=1)
    server.asked.clear()
    server.script += then


def test_a_request_says_all_that_the_settings_and_the_run_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-secret")
    grammar = Constraint(kind="lark", text='start: "a"')
    fields: dict[str, Any] = {"arguments": {"top_k": 4, "chat_template_kwargs": {"enable_thinking": False}}}
    with (
        ModelServer(obeying(*ALL)) as server,
        engine(server, key_variable="MY_KEY", temperature=0.25, **fields) as one,
    ):
        prove(one, server)
        assert answer(one, request(constraint=grammar)) == Completion(
            text="Hello", is_cut=False, prompt_tokens=7, output_tokens=3, model="tiny-1"
        )
    assert server.asked == [
        {
            "model": "tiny",
            "messages": [{"role": "user", "content": "Hello"}],
            "temperature": 0.25,
            "top_p": 0.95,
            "max_tokens": 9,
            "seed": 5,
            "top_k": 4,
            "chat_template_kwargs": {"enable_thinking": False},
            "structured_outputs": {"grammar": 'start: "a"'},
        }
    ]
    assert server.headers[-1]["authorization"] == "Bearer sk-secret"


def test_a_json_schema_is_sent_as_one() -> None:
    with ModelServer(obeying(*ALL)) as server, engine(server) as one:
        prove(one, server)
        answer(one, request(constraint=Constraint(kind="json-schema", text='{"type": "object"}')))
    assert server.asked[0]["structured_outputs"] == {"json": {"type": "object"}}


def test_a_key_is_taken_from_the_named_variable_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody")
    with ModelServer() as server, engine(server, key_variable="MY_KEY") as one:
        answer(one, request())
    assert not any("sk-of-somebody" in str(headers) for headers in server.headers)


def test_without_a_key_none_is_sent_and_no_word_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    refusal = as_json({"error": {"message": "none of these"}}, 400)
    with ModelServer(script=[refusal]) as server, engine(server) as one:
        got = answer(one, request())
    assert isinstance(got, Failure)
    assert got.reason.endswith("answers 400: none of these")
    assert not any("authorization" in headers for headers in server.headers)


@pytest.mark.parametrize("key", ["sk-sec\nret", "sk-sec\x00ret", "sk-secrét", "sk-sec\udc80ret"])
def test_a_key_that_cannot_be_one_is_told_at_once_and_not_shown(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {"OPENAI_API_KEY": key})
    with ModelServer() as server, pytest.raises(UsageError, match="the key in OPENAI_API_KEY has char") as told:
        ServerEngine(options(server))
    assert "sk-sec" not in str(told.value)
    assert not server.paths


def test_white_space_around_a_key_is_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " sk-secret\n")
    with ModelServer() as server, engine(server):
        assert server.headers[-1]["authorization"] == "Bearer sk-secret"


def test_a_key_in_an_answer_that_is_none_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with ModelServer(lambda body: Reply(200, b"Bearer sk-secret")) as server, engine(server) as one:
        got = answer(one, request())
    assert isinstance(got, Failure)
    assert "Bearer [key]" in got.reason


@pytest.mark.parametrize("place", ["u:hunter2@", "hunter2@", "u:hun/ter2@", "u:hunt%65r2@", "u:hunter2@x@"])
def test_a_password_in_an_address_is_not_shown(place: str) -> None:
    url = f"http://{place}127.0.0.1:{closed_port()}/v1"
    with pytest.raises((EngineError, UsageError)) as told:
        ServerEngine(options(url))
    assert "://***@127.0.0.1:" in str(told.value)
    assert not re.search("hun|er2|u:", str(told.value))


@pytest.mark.parametrize(
    "url",
    [
        "u:hunter2@127.0.0.1/v1",
        "http://u:hunt?er2@127.0.0.1/v1",
        "http://u:hunt#er2@127.0.0.1/v1",
        "http://127.0.0.1/v1?key=hunt@er2",
        "http://127.0.0.1/v1#hunter2",
        "http://u:hun\nter2@127.0.0.1:port/v1",
        "ftp://u:hunter2@127.0.0.1/v1",
    ],
)
def test_a_secret_in_what_is_no_address_is_not_shown(url: str) -> None:
    with pytest.raises(UsageError, match="in `base-urls` is no address") as told:
        ServerEngine(options(url))
    assert not re.search("hun|er2", str(told.value))


def test_many_requests_wait_once_for_a_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guidex_schema.generation.engines.proofs._SECONDS", 0.3)
    port = closed_port()
    with ModelServer(obeying(*ALL)) as good, engine(good, f"http://127.0.0.1:{port}/v1", batch=40) as one:
        assert enforced_dialect(one, seed=3) == "lark"
        time.sleep(0.1)
        with ModelServer(lambda body: echo(body)._replace(delay=5), port=port) as hanging:
            began = time.monotonic()
            answers = collected(one, [request(number, constraint=GRAMMAR) for number in range(40)])
            assert time.monotonic() - began < 4
            assert 1 <= len(hanging.asked) < 5
    assert all(isinstance(got, Completion) for _, got in answers)


def test_a_name_and_a_password_in_an_address_are_sent() -> None:
    with ModelServer() as server, engine(server.url.replace("//", "//u:hunter2@")) as one:
        assert isinstance(answer(one, request()), Completion)
    assert server.headers[-1]["authorization"] == "Basic dTpodW50ZXIy"


def test_halves_of_surrogate_pairs_neither_break_a_request_nor_an_answer() -> None:
    said = Reply(
        200, rb'{"choices": [{"message": {"content": "\ud83c\udf88 \ud83c \udf88"}, "finish_reason": "stop"}]}'
    )
    with ModelServer(obeying(*ALL)) as server, engine(server) as one:
        prove(one, server, [said])
        got = answer(one, request(text="a\ud800b", constraint=Constraint(kind="lark", text="\udfff")))
    assert isinstance(got, Completion)
    assert got.text == "🎈 \ufffd \ufffd"
    assert server.asked[0]["messages"] == [{"role": "user", "content": "a\ufffdb"}]


@pytest.mark.parametrize(
    ("message", "text", "is_cut"),
    [
        (chat("<think>Hm. A list?</think>\n\n[1]"), "<think>Hm. A list?</think>\n\n[1]", False),
        (chat("- It writes `</think>` last.\n"), "- It writes `</think>` last.\n", False),
        (chat("[1", "length"), "[1", True),
        (chat(None, reasoning_content="Hm"), "", False),
        (chat("[1]", reasoning_content="Hm"), "[1]", False),
    ],
)
def test_an_answer_is_handed_on_as_it_is_and_what_is_cut_is_told(
    message: Mapping[str, object], text: str, is_cut: bool
) -> None:
    with ModelServer(script=[as_json(message)]) as server, engine(server) as one:
        got = answer(one, request())
    assert isinstance(got, Completion)
    assert (got.text, got.is_cut) == (text, is_cut)


@pytest.mark.parametrize("number", [2**63 - 1, 10**30, 10_000])
def test_no_more_tokens_are_believed_than_there_can_be(number: int) -> None:
    used = {"prompt_tokens": number, "completion_tokens": number}
    with ModelServer(script=[as_json({**chat("Hello"), "usage": used})]) as server, engine(server) as one:
        got = answer(one, request())
    assert isinstance(got, Completion)
    assert got.output_tokens <= 9
    assert got.prompt_tokens <= 100


def test_tokens_that_a_server_does_not_count_are_bounded() -> None:
    reply = as_json({"choices": [{"message": {"content": "žluť"}, "finish_reason": "stop"}], "usage": None, "model": 7})
    with ModelServer(script=[reply]) as server, engine(server) as one:
        got = answer(one, request())
    assert isinstance(got, Completion)
    assert got.output_tokens == 6
    assert got.prompt_tokens >= 5
    assert got.model == "tiny"


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_fault_that_passes_is_outlived(fault: str) -> None:
    with ModelServer(script=[TRANSIENT[fault]] * 2) as server, engine(server, timeout=patience(fault)) as one:
        got = answer(one, request())
    assert isinstance(got, Completion), got
    assert got.text == "Hello"
    assert len(server.asked) == 3


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_fault_that_stays_leaves_the_document_pending_and_is_told(fault: str) -> None:
    with ModelServer(lambda body: TRANSIENT[fault]) as server, engine(server, timeout=patience(fault)) as one:
        got = answer(one, request())
    assert isinstance(got, Failure)
    assert got.kind == "unavailable"
    # Whatever is asked next would fail as well, or may not.
    assert got.is_gone == (fault[:3] in GONE or fault in ("half a body", "reset"))
    assert got.reason.startswith(server.url)
    assert got.reason.endswith("(asked 3 times)")
    assert got.reason.isprintable()
    assert len(got.reason) < 500
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_refused_is_not_sent_again(status: int) -> None:
    refusal = as_json({"error": {"message": "bad \x1b[31mgrammar \u202e" + "x" * 9_000}}, status)
    with ModelServer(script=[refusal]) as server, engine(server) as one:
        answers = dict(collected(one, [request(0), request(1)]))
    refused = [got for got in answers.values() if isinstance(got, Failure)]
    assert len(refused) == 1
    assert refused[0].kind == "refused"
    assert f"answers {status}: bad \\x1b[31mgrammar \\u202e" in refused[0].reason
    assert len(refused[0].reason) < 500
    assert len(server.asked) == 2


@pytest.mark.parametrize("charset", ["hex", "rot13", "undefined", "utf-7", "\xff"])
@pytest.mark.parametrize(("status", "kind"), [(400, "refused"), (500, "unavailable")])
def test_a_text_in_whatever_encoding_is_read(status: int, kind: str, charset: str) -> None:
    odd = Reply(status, b"zz", (("Content-Type", f"text/plain; charset={charset}"),))
    with ModelServer(lambda body: odd) as server, engine(server) as one:
        got = answer(one, request())
    assert isinstance(got, Failure)
    assert (got.kind, got.reason.split(" (")[0]) == (kind, f"{server.url} answers {status}: zz")


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_answer_without_an_end_is_broken_off(status: int) -> None:
    endless = Reply(status, b" " * 2**20, (), endless=True)
    with ModelServer(lambda body: endless) as server, engine(server, timeout=30, retries=0) as one:
        got = answer(one, request())
        assert isinstance(got, Failure)
        assert got.kind == ("refused" if status == 400 else "unavailable")
        assert ("answers with more than 16,777,216 bytes" in got.reason) == (status == 200)
    # What the network holds comes on top.
    assert server.written < 64 * 2**20


@pytest.mark.parametrize("packing", ["gzip", "gzip, gzip", "deflate", "br"])
def test_an_answer_that_is_packed_is_not_unpacked(packing: str) -> None:
    packed = Reply(200, gzip.compress(json.dumps(chat("x")).encode()), (("Content-Encoding", packing),))
    with ModelServer(lambda body: packed) as server, engine(server) as one:
        got = answer(one, request())
    assert isinstance(got, Failure)
    assert got.kind == "unavailable"
    assert "packs its answers" in got.reason
    assert {one["accept-encoding"] for one in server.headers} == {"identity"}


def test_a_redirection_does_not_lead_the_key_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with ModelServer() as other:
        moved = as_json({}, 307, Location=f"{other.url}/chat/completions")
        with ModelServer(lambda body: moved) as server, engine(server) as one:
            got = answer(one, request())
        assert isinstance(got, Failure)
        assert "answers 307" in got.reason
    assert not other.paths


def test_a_model_that_is_gone_for_a_while_rejects_nothing() -> None:
    gone = as_json({"error": {"message": "The model `tiny` does not exist."}}, 404)
    with ModelServer(script=[gone] * 4) as server, engine(server, batch=1) as one:
        answers = collected(one, [request(number) for number in range(3)])
    assert [got.kind for _, got in answers if isinstance(got, Failure)] == ["unavailable"]


def test_an_answer_that_is_withheld_is_a_refusal() -> None:
    with ModelServer(script=[as_json(chat("x", "content_filter"))]) as server, engine(server) as one:
        got = answer(one, request())
    assert isinstance(got, Failure)
    assert got.kind == "refused"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_ends_the_run_once_what_was_answered_is_handed_over(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    refusal = as_json({"error": {"message": "Incorrect API key: sk-secret"}}, status)
    with ModelServer(script=[as_json(chat("a")), refusal]) as server, engine(server, batch=1) as one:
        for number in range(2):
            one.submit(request(number))
        while len(server.asked) < 2:
            time.sleep(0.01)
        time.sleep(0.05)
        assert [asked.attempt for asked, _ in one.collect()] == [0]
        with pytest.raises(EngineError, match=rf"answers {status}: Incorrect API key: \[key\]"):
            one.collect()


def test_a_server_that_asks_to_wait_is_left_alone_as_long() -> None:
    busy = as_json({}, 429, Retry_After="0.3")
    with ModelServer(script=[busy]) as server, engine(server, batch=1) as one:
        began = time.monotonic()
        collected(one, [request(number) for number in range(3)])
        assert time.monotonic() - began >= 0.3
    assert len(server.asked) == 4


def test_a_server_that_asks_to_wait_too_long_is_not_waited_for() -> None:
    with ModelServer(lambda body: as_json({}, 429, Retry_After="3600")) as server, engine(server) as one:
        began = time.monotonic()
        got = answer(one, request())
        assert time.monotonic() - began < 1
    assert isinstance(got, Failure)
    assert got.kind == "unavailable"
    assert "asks to wait 3,600 s" in got.reason
    assert len(server.asked) == 1


def test_rests_grow_while_a_server_fails() -> None:
    times: list[float] = []

    def busy(body: Body) -> Reply:
        times.append(time.monotonic())
        return as_json({}, 429)

    with ModelServer(busy) as server, engine(server, retries=4) as one:
        answer(one, request())
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) == 4
    assert all(gap >= PAUSE * 2**number for number, gap in enumerate(gaps))


def test_servers_are_asked_in_turn() -> None:
    with ModelServer() as first, ModelServer() as second, engine(first, second) as one:
        collected(one, [request(number) for number in range(20)])
    assert (len(first.asked), len(second.asked)) == (10, 10)


def test_where_one_server_is_not_there_the_other_answers_all() -> None:
    dead = f"http://127.0.0.1:{closed_port()}/v1"
    with ModelServer() as server, engine(dead, server) as one:
        answers = collected(one, [request(number) for number in range(20)])
    assert all(isinstance(got, Completion) for _, got in answers)


def test_where_a_server_dies_in_mid_batch_the_other_goes_on() -> None:
    first = ModelServer(lambda body: echo(body)._replace(delay=0.2))
    with ModelServer() as second, engine(first, second) as one:
        for number in range(20):
            one.submit(request(number))
        while len(first.asked) < 10:
            time.sleep(0.01)
        first.stop()
        answers: list[Answer] = []
        while some := one.collect():
            answers += some
    assert len(answers) == 20
    assert all(isinstance(got, Completion) for _, got in answers)
    assert len(second.asked) == 20


def test_where_the_only_server_dies_in_mid_batch_all_that_it_did_not_answer_stays_pending() -> None:
    server = ModelServer(lambda body: echo(body)._replace(delay=0.1 if int(last_words(body)) < 4 else 30))
    with engine(server, timeout=5, batch=8) as one:
        for number in range(20):
            one.submit(request(number, str(number)))
        answers: list[Answer] = []
        while len(answers) < 4:
            answers += one.collect()
        server.stop()
        while some := one.collect():
            answers += some
    assert {asked.attempt for asked, got in answers if isinstance(got, Completion)} == set(range(4))
    failures = [got for _, got in answers if isinstance(got, Failure)]
    assert len(failures) == 16
    assert all(one.kind == "unavailable" and "cannot be reached or broke off" in one.reason for one in failures)


def test_as_many_are_under_way_as_a_batch_has_and_never_more() -> None:
    meeting = threading.Barrier(4, timeout=5)

    def answered(body: Body) -> Reply:
        meeting.wait()
        return echo(body)

    with ModelServer(answered) as server, engine(server, batch=4, timeout=10) as one:
        answers = collected(one, [request(number) for number in range(12)])
    assert all(isinstance(got, Completion) for _, got in answers)
    assert server.most == 4


def test_answers_are_collected_as_they_end() -> None:
    with (
        ModelServer(lambda body: echo(body)._replace(delay=float(last_words(body)))) as server,
        engine(server, timeout=5) as one,
    ):
        answers = collected(one, [request(number, text) for number, text in enumerate(["0.4", "0", "0.2"])])
    assert [asked.attempt for asked, _ in answers] == [1, 2, 0]


@settings(max_examples=8)
@given(
    faults=st.lists(st.sampled_from(sorted(TRANSIENT.keys() - {"too late"})), max_size=8),
    number=st.integers(1, 12),
    batch=st.integers(1, 6),
)
def test_whatever_fails_and_however_often_every_request_gets_its_own_answer(
    faults: list[str], number: int, batch: int
) -> None:
    script = [TRANSIENT[name] for name in faults]
    with ModelServer(script=script) as server, engine(server, retries=8, batch=batch, timeout=5) as one:
        answers = collected(one, [request(one, f"text {one}") for one in range(number)])
    assert len(server.asked) == number + len(faults)
    for asked, got in answers:
        assert isinstance(got, Completion)
        assert got.text == f"text {asked.attempt}"


def test_a_closed_engine_leaves_no_thread_and_waits_for_nobody() -> None:
    before = set(threading.enumerate())
    with ModelServer(lambda body: echo(body)._replace(delay=2)) as server:
        one = ServerEngine(options(server, timeout=60))
        for number in range(5):
            one.submit(request(number))
        began = time.monotonic()
        one.close()
        one.close()
        assert time.monotonic() - began < 1
    assert not {thread for thread in set(threading.enumerate()) - before if thread.name == "engine"}


# Before anything is asked.


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"base_urls": ()}, "needs a server"),
        ({"base_urls": ("127.0.0.1:8000/v1",)}, "is no address"),
        ({"base_urls": ("http://127.0.0.1:port/v1",)}, "is no address"),
        ({"base_urls": ("http://[::1/v1",)}, "is no address"),
        ({"base_urls": ("http://127.0.0.1:99999/v1",)}, "is no address"),
        ({"base_urls": ("http://",)}, "is no address"),
        ({"base_urls": ("http://\x00/v1",)}, "is no address"),
        ({"base_urls": ("http://127.0.0.1/v1?key=3",)}, "`http://127.0.0.1/v1` in `base-urls` is no address"),
        ({"arguments": {"seed": 3}}, "`arguments` of the engine cannot name seed"),
        ({"arguments": {"top_k": float("inf")}}, "cannot be sent as JSON"),
        ({"tokenizer": "nowhere"}, "the tokenizer `nowhere` cannot be read"),
    ],
)
def test_settings_that_cannot_be_are_told_at_once(fields: dict[str, Any], fault: str) -> None:
    with ModelServer() as server, pytest.raises(UsageError, match=fault):
        ServerEngine(options(server, **fields))
    assert not server.asked


def test_a_server_that_is_not_there_is_told_at_once_with_what_to_do() -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"
    began = time.monotonic()
    with pytest.raises(EngineError, match=rf"{url} cannot be reached .*: start it"):
        start(options(url, retries=5))
    assert time.monotonic() - began < 3


def test_a_server_that_says_nothing_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guidex_schema.generation.engines.greeting._SECONDS", 0.1)
    hanging = {"/v1/models": lambda body: as_json({})._replace(delay=1)}
    with ModelServer(others=hanging) as server:
        with pytest.raises(EngineError, match=r"did not answer within 0\.1 s: start it"):
            ServerEngine(options(server, timeout=60, retries=5))
        assert server.paths == ["/v1/models"]


def test_a_server_that_still_loads_its_model_is_waited_for() -> None:
    states = iter([as_json({"error": {"message": "Loading model"}}, 503), as_json({"data": [{"id": "tiny"}]})])
    with ModelServer(others={"/v1/models": lambda body: next(states)}) as server, engine(server) as one:
        assert one.model == "tiny"


def test_a_server_that_keeps_failing_is_no_server() -> None:
    broken = {"/v1/models": lambda body: as_json({}, 500)}
    with ModelServer(others=broken) as server, pytest.raises(EngineError, match="answers 500"):
        ServerEngine(options(server), pause=PAUSE)


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_refuses_the_key_is_told_at_once(status: int) -> None:
    closed = {"/v1/models": lambda body: as_json({"error": {"message": "no key"}}, status)}
    with ModelServer(others=closed) as server, pytest.raises(EngineError, match=f"answers {status}: no key"):
        ServerEngine(options(server))
    assert server.paths == ["/v1/models"]


def test_a_model_that_is_not_there_is_told_with_those_that_are() -> None:
    def absent(body: Body) -> Reply:
        return as_json({"error": {"message": "no such model"}}, 404)

    names = tuple(f"model-{number}" for number in range(20))
    with ModelServer(absent, models=names) as server, pytest.raises(EngineError, match=r"model-7 and 12 more") as told:
        ServerEngine(options(server, model="other"))
    assert "`other` cannot be asked there" in str(told.value)
    assert "no such model" in str(told.value)


def test_a_model_that_answers_by_a_name_that_is_not_listed_is_taken() -> None:
    with ModelServer() as server, engine(server, model="tiny:latest") as one:
        assert one.model == "tiny:latest"


def test_a_server_that_lists_no_models_is_asked_for_the_one_that_is_named() -> None:
    unlisted = {"/v1/models": lambda body: as_json({}, 404)}
    with ModelServer(others=unlisted) as server, engine(server, model="tiny") as one:
        assert isinstance(answer(one, request()), Completion)
    with ModelServer(others=unlisted) as server, pytest.raises(UsageError, match="does not list"):
        ServerEngine(options(server))


def test_of_several_models_one_has_to_be_named() -> None:
    with ModelServer(models=("a\x1b", "b")) as server, pytest.raises(UsageError, match=r"has a\\x1b, b"):
        ServerEngine(options(server))


def test_no_more_context_is_used_than_the_server_has() -> None:
    with ModelServer(card={"max_model_len": 512}) as server, engine(server) as one:
        assert one.context == 512
    with ModelServer(card={"max_model_len": 99_999}) as server, engine(server) as one:
        assert one.context == 8_192


@pytest.mark.parametrize(
    ("package", "fields", "extra"),
    [
        ("openai", {"name": "openai", "base_urls": ("http://127.0.0.1:1/v1",)}, "generate"),
        ("tokenizers", {"name": "openai", "tokenizer": "tokenizer.json"}, "generate"),
        ("vllm", {"name": "vllm", "model": "tiny"}, "vllm"),
    ],
)
def test_an_extra_that_is_not_installed_is_named(
    package: str, fields: dict[str, Any], extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with ModelServer() as server, pytest.raises(UsageError, match=rf"pip install 'guidex-schema\[{extra}\]'"):
        start(options(server, **fields))


def test_vllm_needs_a_model() -> None:
    with pytest.raises(UsageError, match="needs a model"):
        start(EngineSettings(name="vllm"))


def test_a_template_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "template.jinja").write_bytes(b"\xff")
    for template, fault in (
        (3, "has to be the text or the file"),
        (str(tmp_path / "template.jinja"), "cannot be read"),
    ):
        with pytest.raises(UsageError, match=fault):
            start(EngineSettings(name="vllm", model="tiny", arguments={"chat_template": template}))


# How many tokens there are.

CONVERSATION = (Message(role="system", content="Žluť"), Message(role="user", content="静脉注射"))


def test_tokens_are_counted_by_vllm_and_each_conversation_once() -> None:
    bodies: list[Body] = []

    def tokenize(body: Body) -> Reply:
        bodies.append(body)
        return as_json({"count": 42, "max_model_len": 8192, "tokens": []})

    with ModelServer(others={"/tokenize": tokenize}) as server, engine(server) as one:
        assert [one.count(CONVERSATION) for _ in range(3)] == [42] * 3
        assert one.counting == "counted by the server's own tokenizer"
    assert len(bodies) == 2
    assert bodies[-1] == {
        "model": "tiny",
        "add_generation_prompt": True,
        "messages": [{"role": one.role, "content": one.content} for one in CONVERSATION],
    }


def test_tokens_are_counted_by_llama_cpp() -> None:
    def template(body: Body) -> Reply:
        messages = body["messages"]
        assert isinstance(messages, list)
        return as_json({"prompt": "".join(f"<{one['role']}>{one['content']}" for one in messages)})

    def tokenize(body: Body) -> Reply:
        return as_json({"tokens": list(str(body.get("content", "")))})

    with ModelServer(others={"/apply-template": template, "/tokenize": tokenize}) as server, engine(server) as one:
        assert one.count(CONVERSATION) == len("<system>Žluť<user>静脉注射")


def test_a_server_that_stops_counting_is_told() -> None:
    replies = iter([as_json({"count": 2})])
    others = {"/tokenize": lambda body: next(replies, as_json({}, 500))}
    with ModelServer(others=others) as server, engine(server) as one, pytest.raises(EngineError, match="be counted"):
        one.count(CONVERSATION)


def test_where_nothing_counts_there_are_never_more_tokens_than_bytes() -> None:
    with ModelServer() as server, engine(server) as one:
        assert one.count(CONVERSATION) >= len("Žluť静脉注射".encode())
        assert "bytes" in one.counting


def test_tokens_are_counted_by_a_tokenizer_that_is_named(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"[UNK]": 0, "one": 1, "two": 2}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    texts = ["one two", "one two two"]
    for named in (tmp_path, tmp_path / "tokenizer.json"):
        with ModelServer() as server, engine(server, tokenizer=str(named)) as one:
            short, long = (one.count((Message(role="user", content=text),)) for text in texts)
        assert long == short + 1
        assert "/tokenize" not in server.paths
    (tmp_path / "tokenizer.json").write_text("{}")
    with ModelServer() as server, pytest.raises(UsageError, match="is no tokenizer"):
        ServerEngine(options(server, tokenizer=str(tmp_path)))


# Whether grammars are enforced.


@pytest.mark.parametrize(("kinds", "dialect"), [(("lark", "ebnf"), "lark"), (("lark",), "lark"), (("ebnf",), "ebnf")])
def test_the_first_dialect_that_is_enforced_is_found(kinds: tuple[str, ...], dialect: str) -> None:
    with ModelServer(obeying(*kinds)) as server, engine(server) as one:
        assert enforced_dialect(one, seed=3) == dialect
        assert not enforces_schema(one, seed=3)
    with ModelServer(obeying("json-schema")) as server, engine(server) as one:
        assert enforces_schema(one, seed=3)


def test_a_server_that_refuses_grammars_is_told_with_what_it_says() -> None:
    with ModelServer(obeying()) as server, engine(server) as one:
        with pytest.raises(EngineError, match=r"no lark \\x1b\[31mhere; .* no ebnf .*`--decoding free`"):
            enforced_dialect(one, seed=3)
        assert not enforces_schema(one, seed=3)


def repeat_everything(body: Body) -> Reply:
    return as_json(chat(json.dumps(body)))


def repeat_the_grammar(body: Body) -> Reply:
    asked = body.get("structured_outputs")
    assert isinstance(asked, dict)
    return as_json(chat("".join(map(str, asked.values()))))


@pytest.mark.parametrize("ignoring", [echo, repeat_everything, repeat_the_grammar], ids=lambda one: one.__name__)
def test_a_server_that_ignores_grammars_in_silence_is_found_out(ignoring: Any) -> None:
    with ModelServer(ignoring) as server, engine(server) as one:
        with pytest.raises(EngineError, match=rf"{server.url} ignores grammars \(lark\)"):
            enforced_dialect(one, seed=3)
        assert not enforces_schema(one, seed=3)


def test_what_a_probe_demands_stands_in_no_prompt_and_differs_from_run_to_run() -> None:
    demanded = set()
    for seed in range(5):
        with ModelServer() as server, engine(server) as one, pytest.raises(EngineError, match="ignores grammars"):
            enforced_dialect(one, seed)
        words = {word for body in server.asked for word in re.findall(r"\b[a-z]{8}\b", str(constraint(body)))}
        assert len(server.asked) == 2
        assert len(words) == 2
        assert not any(word in str(body["messages"]) for word in words for body in server.asked)
        demanded.add(frozenset(words))
    assert len(demanded) == 5


def test_a_server_that_fails_in_one_dialect_is_asked_in_the_other() -> None:
    def vllm_on_auto(body: Body) -> Reply:
        """Answer as vLLM does once it has read a grammar in EBNF."""
        return obeying("ebnf")(body) if "::=" in str(body["structured_outputs"]) else as_json({}, 500)

    with ModelServer(vllm_on_auto) as server, engine(server) as one:
        assert enforced_dialect(one, seed=3) == "ebnf"


def test_a_server_that_hangs_at_the_probe_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guidex_schema.generation.engines.proofs._SECONDS", 0.1)
    with (
        ModelServer(lambda body: echo(body)._replace(delay=1)) as server,
        engine(server, timeout=60, retries=5) as one,
        pytest.raises(EngineError, match=r"cannot be found out: .* did not answer within 0\.1 s"),
    ):
        enforced_dialect(one, seed=3)
    assert len(server.asked) == 1


@pytest.mark.parametrize("ignoring", [echo, obeying()], ids=["ignoring", "refusing"])
@pytest.mark.parametrize("turn", [0, 1])
def test_a_dialect_counts_only_if_every_server_enforces_it(ignoring: Any, turn: int) -> None:
    with ModelServer(obeying(*ALL)) as good, ModelServer(ignoring) as bad, engine(*(good, bad)[:: 2 * turn - 1]) as one:
        with pytest.raises(EngineError, match=bad.url):
            enforced_dialect(one, seed=3)
        assert not enforces_schema(one, seed=3)
    with ModelServer(obeying(*ALL)) as both, ModelServer(obeying("ebnf")) as other, engine(both, other) as one:
        assert enforced_dialect(one, seed=3) == "ebnf"


@pytest.mark.parametrize("kinds", [ALL, ()], ids=["obeying", "ignoring"])
def test_a_server_that_was_away_is_tried_before_it_is_asked(kinds: tuple[str, ...]) -> None:
    """Under a grammar nothing is sent to one that ignores it; all else is."""
    port = closed_port()
    with ModelServer(obeying(*ALL)) as first, engine(first, f"http://127.0.0.1:{port}/v1", timeout=5) as one:
        assert enforced_dialect(one, seed=3) == "lark"
        with ModelServer(obeying(*kinds) if kinds else echo, port=port) as second:
            for _ in range(20):
                answers = collected(one, [request(number, constraint=GRAMMAR) for number in range(4)])
                assert all(isinstance(got, Completion) for _, got in answers)
            under = [body for body in second.asked if constraint(body) == ("grammar", GRAMMAR.text)]
            assert second.asked
            assert bool(under) == bool(kinds)
            second.asked.clear()
            collected(one, [request(number) for number in range(4)])
            assert second.asked


def test_a_server_that_comes_back_is_tried_again_and_where_none_obeys_the_run_ends() -> None:
    with ModelServer(obeying(*ALL)) as server:
        one = ServerEngine(options(server, retries=3), pause=PAUSE)
        prove(one, server, [Reply(reset=True)])
        server._answer = echo
        one.submit(request(constraint=GRAMMAR))
        with pytest.raises(EngineError, match="no server is left that enforces"):
            one.collect()
        one.close()
    assert [constraint(body) == ("grammar", GRAMMAR.text) for body in server.asked] == [True, False]


def test_tokens_are_counted_by_those_servers_that_can() -> None:
    counting = {"/tokenize": lambda body: as_json({"count": 42})}
    with ModelServer() as bare, ModelServer(others=counting) as able, engine(bare, able) as one:
        for number in range(4):
            assert one.count((Message(role="user", content=str(number)),)) == 42
        assert one.counting == "counted by the server's own tokenizer"


def test_what_has_come_to_its_end_is_given_without_waiting() -> None:
    with ModelServer(lambda body: echo(body)._replace(delay=float(last_words(body)))) as server, engine(server) as one:
        assert one.arrived() == []
        one.submit(request(0, "0"))
        one.submit(request(1, "3"))
        assert [asked.attempt for asked, _ in one.collect()] == [0]
        assert one.arrived() == []


def test_where_a_probe_gets_no_answer_that_is_told() -> None:
    with (
        ModelServer(lambda body: as_json({}, 500)) as server,
        engine(server) as one,
        pytest.raises(EngineError, match=r"cannot be found out: .* answers 500"),
    ):
        enforced_dialect(one, seed=3)
