"""Grammars under xgrammar: every sentence that random logits write is a list in which a check finds no error."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from decoding import BYTES, PIECES, Vocabulary, allowed, picked
from guidex_schema.diagnostic import Severity
from guidex_schema.generation.grammar import Bounds, ebnf
from guidex_schema.instance import Record
from guidex_schema.rendering import render_guideline
from guidex_schema.schema import Schema
from guidex_schema.validation import Validator
from labelled_strategies import documents, filled_schemas

pytestmark = pytest.mark.engine

SMALL = Bounds(instances=4, items=3, depth=2, span_characters=60, abstractive_characters=30)
PATTERNS = ("*.r*", "Person.parts", "[!P]*.mention")


@pytest.fixture(scope="module")
def validator() -> Iterator[Validator]:
    with Validator() as one:
        yield one


@pytest.fixture(scope="module")
def lenient() -> Iterator[Validator]:
    with Validator(abstractive=PATTERNS) as one:
        yield one


def lists(grammar: str, vocabulary: Vocabulary, seed: int, count: int) -> list[str]:
    """Write some lists; one that goes on for thousands of tokens is left out."""
    import xgrammar

    tokens = vocabulary.tokens
    information = xgrammar.TokenizerInfo(
        tokens, vocab_type=xgrammar.VocabType.RAW, stop_token_ids=[vocabulary.eos_token_id]
    )
    compiled = xgrammar.GrammarCompiler(information, max_threads=1).compile_grammar(grammar)
    chance = random.Random(seed)
    found = (decoded(xgrammar.GrammarMatcher(compiled), vocabulary, chance) for _ in range(count))
    return [one for one in found if one is not None]


def decoded(matcher: Any, vocabulary: Vocabulary, chance: random.Random, most: int = 4000) -> str | None:
    import xgrammar

    mask = xgrammar.allocate_token_bitmask(1, len(vocabulary.tokens))
    written = bytearray()
    for _ in range(most):
        matcher.fill_next_token_bitmask(mask)
        token = picked(allowed(mask.numpy().tobytes(), len(vocabulary.tokens)), vocabulary, chance)
        assert matcher.accept_token(token)
        if matcher.is_terminated():
            return written.decode("utf-8")
        written += vocabulary.tokens[token]
    return None


def require_valid(validator: Validator, schema: Schema, document: str | None, written: list[str]) -> int:
    """Give how many instances the lists hold."""
    instances = 0
    for labels in written:
        record = Record(guidelines=render_guideline(schema), labels=labels, document=document)
        found = validator.validate(record)
        errors = [one for one in found.diagnostics if one.severity is Severity.ERROR and one.part == "labels"]
        assert not errors, labels
        instances += len(found.instances)
    return instances


def test_two_thousand_lists_have_no_error(validator: Validator) -> None:
    count = instances = 0

    @settings(
        max_examples=750,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(filled_schemas(), documents, st.sampled_from([BYTES, PIECES]), st.integers(0, 2**32))
    def write(schema: Schema, document: str, vocabulary: Vocabulary, seed: int) -> None:
        nonlocal count, instances
        written = lists(ebnf(schema, document, SMALL), vocabulary, seed, 3)
        instances += require_valid(validator, schema, document, written)
        count += len(written)

    write()
    assert count >= 2000
    assert instances >= 2000


@settings(max_examples=50)
@given(filled_schemas(), st.none() | documents, st.sampled_from([BYTES, PIECES]), st.integers(0, 2**32))
def test_free_texts_have_no_error(
    lenient: Validator, schema: Schema, document: str | None, vocabulary: Vocabulary, seed: int
) -> None:
    written = lists(ebnf(schema, document, SMALL, PATTERNS), vocabulary, seed, 3)
    require_valid(lenient, schema, document, written)
