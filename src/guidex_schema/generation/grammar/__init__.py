"""Grammars of instance lists that cannot be invalid: made from a schema and from the document that they annotate."""

from collections.abc import Mapping

from guidex_schema.abstractive import patterns
from guidex_schema.error import UsageError
from guidex_schema.generation.engine import Dialect
from guidex_schema.generation.grammar import length
from guidex_schema.generation.grammar.bounds import BOUNDS, Bounds
from guidex_schema.generation.grammar.llguidance_lark import lark_of
from guidex_schema.generation.grammar.plan import plan
from guidex_schema.generation.grammar.structure import structure_schema
from guidex_schema.generation.grammar.xgrammar_ebnf import ebnf_of
from guidex_schema.quantity import quantity
from guidex_schema.schema import Schema

__all__ = ["BOUNDS", "DOCUMENT_LIMITS", "Bounds", "ebnf", "fitting", "lark", "longest", "structure_schema"]

# Characters beyond which a document has to be windowed: what one core compiles in some three seconds in a script
# without spaces, where every character is a token, and in a third of that in English.
DOCUMENT_LIMITS: Mapping[Dialect, int] = {"lark": 100_000, "ebnf": 10_000}

# Bounds that are worth having let this many instances stand in a list.
_WORTHWHILE = 8


def lark(schema: Schema, document: str | None, bounds: Bounds = BOUNDS, abstractive: tuple[str, ...] = ()) -> str:
    """Write the grammar of a schema's instances in a document as Lark, for llguidance.

    Its sentences are lists as GuideX writes them, ``[Person(mention="Ada"), ...]``, in which a check finds no error:
    what fits its type, and stands in the document where it has to. Every value has one spelling.

    Args:
        schema: what may be written. A class with a required attribute for which the document has no value, such as a
            number, is left out; where none is left, the only sentence is ``[]``.
        document: what every text and number has to stand in; None leaves them free within the bounds.
        bounds: how much may be written.
        abstractive: patterns of attributes that need not stand in the document, as in ``*.description``.

    Raises:
        UsageError: the document is longer than ``DOCUMENT_LIMITS`` says, or a pattern names no attribute.
    """
    _require_short(document, "lark")
    return lark_of(plan(schema, document, bounds, patterns(abstractive)))


def ebnf(schema: Schema, document: str | None, bounds: Bounds = BOUNDS, abstractive: tuple[str, ...] = ()) -> str:
    """Write the same grammar as EBNF, for xgrammar.

    Args:
        schema: what may be written, as in ``lark``.
        document: what every text and number has to stand in; None leaves them free within the bounds.
        bounds: how much may be written.
        abstractive: patterns of attributes that need not stand in the document, as in ``*.description``.

    Raises:
        UsageError: the document is longer than ``DOCUMENT_LIMITS`` says, or a pattern names no attribute.
    """
    _require_short(document, "ebnf")
    return ebnf_of(plan(schema, document, bounds, patterns(abstractive)))


def longest(schema: Schema, document: str | None, bounds: Bounds = BOUNDS, abstractive: tuple[str, ...] = ()) -> int:
    """Give the bytes of the longest sentence of a grammar: no tokenizer makes more tokens of it.

    Args:
        schema: what may be written, as in ``lark``.
        document: what it is written about.
        bounds: how much may be written.
        abstractive: patterns of attributes that need not stand in the document.

    Raises:
        UsageError: a pattern names no attribute.
    """
    return length.longest(plan(schema, document, bounds, patterns(abstractive)))


def fitting(
    schema: Schema, document: str | None, tokens: int, bounds: Bounds = BOUNDS, abstractive: tuple[str, ...] = ()
) -> Bounds:
    """Give bounds under which every sentence fits a number of tokens, for the repair of a list that was cut off.

    Items, depth and lengths are halved until eight instances fit, or as many as the bounds let there be; where that is
    never so, as many are let through as fit when all is as short as it can be.

    Args:
        schema: what may be written, as in ``lark``.
        document: what it is written about.
        tokens: how many the list may have.
        bounds: what the result never goes beyond.
        abstractive: patterns of attributes that need not stand in the document.

    Raises:
        UsageError: not even one instance fits, or a pattern names no attribute.
    """
    tried = bounds
    while True:
        one = longest(schema, document, tried.model_copy(update={"instances": 1}), abstractive)
        # Two brackets around one instance are as long as the comma and the space between two of them.
        instances = min(tokens // one, bounds.instances)
        shorter = tried.halved()
        if instances >= min(_WORTHWHILE, bounds.instances) or shorter == tried:
            break
        tried = shorter
    if not instances:
        raise UsageError(
            f"{quantity(tokens, 'token')} may not be enough for one instance, which can take {one:,}: allow more, or "
            "let an instance hold less"
        )
    return tried.model_copy(update={"instances": instances})


def _require_short(document: str | None, dialect: Dialect) -> None:
    if document is not None and len(document) > DOCUMENT_LIMITS[dialect]:
        raise UsageError(
            f"a document of {quantity(len(document), 'character')} is too long for a grammar in {dialect}, which is "
            f"made for at most {DOCUMENT_LIMITS[dialect]:,}; cut it into windows"
        )
