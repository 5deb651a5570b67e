"""Lists that a real engine writes under grammars of schemas and documents that nobody has seen before."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from guidex_schema.diagnostic import Severity
from guidex_schema.generation.engine import Answer, Completion, Constraint, Dialect, Engine, Failure, Message, Request
from guidex_schema.generation.grammar import Bounds, ebnf, lark
from guidex_schema.instance import Record
from guidex_schema.rendering import render_guideline
from guidex_schema.schema import Schema
from guidex_schema.validation import Validator
from labelled_strategies import documents, filled_schemas

# A model that has learnt nothing stops when the grammar makes it.
_BOUNDS = Bounds(instances=3, items=2, depth=2, span_characters=40, abstractive_characters=20)


class Task(NamedTuple):
    """A schema to fill from a document."""

    schema: Schema
    document: str


tasks = st.lists(st.builds(Task, filled_schemas(), documents), min_size=10, max_size=10)


def collected(engine: Engine, requests: Iterable[Request]) -> dict[int, Answer]:
    """Give the answers by attempt."""
    for request in requests:
        engine.submit(request)
    answers: dict[int, Answer] = {}
    while some := engine.collect():
        answers |= {answer[0].attempt: answer for answer in some}
    return answers


def asking(number: int, text: str = "Write a list of instances.", **fields: object) -> Request:
    asked = {"document": "d", "stage": "instances", "attempt": number, "seed": number, "max_tokens": 40, **fields}
    return Request.model_validate({**asked, "messages": (Message(role="user", content=text),)})


def assert_refused_alone(engine: Engine, fault: str, **fields: Any) -> None:
    """Have a request that cannot be answered come between two that can: it is refused for its fault, they are not."""
    answers = collected(engine, [asking(0), asking(1, **fields), asking(2)])
    refused = answers.pop(1)[1]
    assert isinstance(refused, Failure)
    assert refused.kind == "refused"
    assert re.search(fault, refused.reason), refused.reason
    assert all(isinstance(answer, Completion) for _, answer in answers.values())


def assert_grounded(engine: Engine, dialect: Dialect, given: Sequence[Task], validator: Validator) -> None:
    """Have the lists of some tasks written together, and hold each to the validator."""
    grammars = [(lark if dialect == "lark" else ebnf)(one.schema, one.document, _BOUNDS) for one in given]
    requests = [
        asking(number, max_tokens=3_000, constraint=Constraint(kind=dialect, text=grammar))
        for number, grammar in enumerate(grammars)
    ]
    answers = collected(engine, requests)
    assert len(answers) == len(given)
    for number, one in enumerate(given):
        answer = answers[number][1]
        assert isinstance(answer, Completion), answer
        assert not answer.is_cut
        record = Record(guidelines=render_guideline(one.schema), labels=answer.text, document=one.document)
        found = validator.validate(record).diagnostics
        # What is wrong with the guidelines is not the grammar's to say.
        assert not [item for item in found if item.severity is Severity.ERROR and item.part == "labels"], answer.text
