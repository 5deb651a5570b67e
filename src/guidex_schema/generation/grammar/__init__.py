"""Grammars of instance lists that cannot be invalid: made from a schema and from the document that they annotate."""

from collections.abc import Mapping

from guidex_schema.abstractive import patterns
from guidex_schema.error import UsageError
from guidex_schema.generation.engine import Dialect
from guidex_schema.generation.grammar import length
from guidex_schema.generation.grammar.bounds import BOUNDS, Bounds
from guidex_schema.generation.grammar.llguidance_lark import LARK
from guidex_schema.generation.grammar.plan import Plan, plan
from guidex_schema.generation.grammar.structure import structure_schema
from guidex_schema.generation.grammar.writing import written
from guidex_schema.generation.grammar.xgrammar_ebnf import EBNF
from guidex_schema.grounding import GroundedDocument
from guidex_schema.quantity import quantity
from guidex_schema.schema import Schema

__all__ = ["BOUNDS", "DOCUMENT_LIMITS", "Bounds", "ebnf", "fitting", "lark", "longest", "omitted", "structure_schema"]

# Characters beyond which a document has to be windowed. llguidance takes a million steps to read a grammar, or refuses
# it, and no text is known that takes more than 38.4 for a character: two signs beyond U+FFFF, without spaces, in random
# order. xgrammar compiles so much in some three seconds where every character is a token.
DOCUMENT_LIMITS: Mapping[Dialect, int] = {"lark": 20_000, "ebnf": 10_000}

# Bounds that are worth having let this many instances stand in a list.
_WORTHWHILE = 8
# So many reasons are given why nothing can be written.
_MOST_REASONS = 5


def lark(
    schema: Schema,
    document: str | None,
    bounds: Bounds = BOUNDS,
    abstractive: tuple[str, ...] = (),
    *,
    may_be_empty: bool = True,
) -> str:
    """Write the grammar of a schema's instances in a document as Lark, for llguidance.

    Its sentences are lists as GuideX writes them, ``[Person(mention="Ada"), ...]``, in which a check finds no error:
    what fits its type, and stands in the document where it has to. Every value has one spelling.

    Args:
        schema: what may be written. A class with a required attribute for which the document has no value, such as a
            number, is left out; ``omitted`` says which.
        document: what every text and number has to stand in; None leaves them free within the bounds.
        bounds: how much may be written.
        abstractive: patterns of attributes that need not stand in the document, as in ``*.description``.
        may_be_empty: ``[]`` is a sentence, and the only one where no class is left.

    Raises:
        UsageError: the document is longer than ``DOCUMENT_LIMITS`` says, a pattern names no attribute, or no instance
            can be written and the list may not be empty.
    """
    return written(_plan(schema, document, bounds, abstractive, "lark", may_be_empty=may_be_empty), LARK)


def ebnf(
    schema: Schema,
    document: str | None,
    bounds: Bounds = BOUNDS,
    abstractive: tuple[str, ...] = (),
    *,
    may_be_empty: bool = True,
) -> str:
    """Write the same grammar as EBNF, for xgrammar.

    Args:
        schema: what may be written, as in ``lark``.
        document: what every text and number has to stand in; None leaves them free within the bounds.
        bounds: how much may be written.
        abstractive: patterns of attributes that need not stand in the document, as in ``*.description``.
        may_be_empty: ``[]`` is a sentence, and the only one where no class is left.

    Raises:
        UsageError: the document is longer than ``DOCUMENT_LIMITS`` says, a pattern names no attribute, or no instance
            can be written and the list may not be empty.
    """
    return written(_plan(schema, document, bounds, abstractive, "ebnf", may_be_empty=may_be_empty), EBNF)


def omitted(
    schema: Schema, document: str | None, bounds: Bounds = BOUNDS, abstractive: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Say which classes a grammar leaves out and why, in words.

    Args:
        schema: what may be written, as in ``lark``.
        document: what it is written about.
        bounds: how much may be written.
        abstractive: patterns of attributes that need not stand in the document.

    Returns:
        A reason for each class, such as ``Person.age needs an integer, and the document has none``, with the names in
        backticks; one alone where no class is declared.

    Raises:
        UsageError: a pattern names no attribute.
    """
    return _reasons(plan(schema, _grounded(document), bounds, patterns(abstractive)))


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
    return length.longest(plan(schema, _grounded(document), bounds, patterns(abstractive)))


def fitting(
    schema: Schema, document: str | None, tokens: int, bounds: Bounds = BOUNDS, abstractive: tuple[str, ...] = ()
) -> Bounds:
    """Give bounds under which sentences fit a number of tokens, for the repair of a list that was cut off.

    The bounds are tightened until eight instances fit, or as many as there may be items in one. No class is lost, and
    what holds others still holds two; so where an instance takes a lot, not every sentence is sure to fit.

    Args:
        schema: what may be written, as in ``lark``.
        document: what it is written about.
        tokens: how many the list may have.
        bounds: what the result never goes beyond.
        abstractive: patterns of attributes that need not stand in the document.

    Raises:
        UsageError: a pattern names no attribute.
    """
    grounded, free = _grounded(document), patterns(abstractive)
    classes = frozenset(plan(schema, grounded, bounds, free).classes)
    found = bounds
    for tried in bounds.tighter():
        one = plan(schema, grounded, tried.model_copy(update={"instances": 1}), free)
        if classes.issubset(one.classes):
            # Two brackets around one instance are as long as the comma and the space between two of them.
            fit = min(tokens // length.longest(one), bounds.instances)
            found = tried.model_copy(update={"instances": max(fit, 1)})
            if fit >= min(_WORTHWHILE, tried.items, bounds.instances):
                break
    return found


def _plan(
    schema: Schema,
    document: str | None,
    bounds: Bounds,
    abstractive: tuple[str, ...],
    dialect: Dialect,
    *,
    may_be_empty: bool,
) -> Plan:
    if document is not None and len(document) > DOCUMENT_LIMITS[dialect]:
        raise UsageError(
            f"a document of {quantity(len(document), 'character')} is too long for a grammar in {dialect}, which is "
            f"made for at most {DOCUMENT_LIMITS[dialect]:,}; cut it into windows"
        )
    made = plan(schema, _grounded(document), bounds, patterns(abstractive), may_be_empty=may_be_empty)
    if not (made.classes or may_be_empty):
        reasons = _reasons(made)
        more = f"; {len(reasons) - _MOST_REASONS:,} more" if len(reasons) > _MOST_REASONS else ""
        raise UsageError(f"no instance can be written: {'; '.join(reasons[:_MOST_REASONS])}{more}")
    return made


def _grounded(document: str | None) -> GroundedDocument | None:
    return None if document is None else GroundedDocument(document)


def _reasons(made: Plan) -> tuple[str, ...]:
    return made.omitted if made.classes or made.omitted else ("no class is declared",)
