"""Comments of guidelines, which ``ast`` drops: what a reader of the tree asks for, and what a comment says."""

import ast
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from guidex_schema.directive import without_directive
from guidex_schema.prose import clean, dedented

_NO_DESCRIPTION = ("noqa", "type:")


class Disagreement(Exception):
    """What reads the comments does not see the statements that ``ast`` sees."""


class Remarks(NamedTuple):
    """The comments around one statement.

    Attributes:
        above: the comment block directly above, without a blank line between.
        anywhere_above: every comment between the statement before and this one.
        trailing: the comment behind it on its last line.
    """

    above: tuple[str, ...] = ()
    anywhere_above: tuple[str, ...] = ()
    trailing: str | None = None


NO_REMARKS = Remarks()


class Comments(Protocol):
    """Whatever has read the comments of one source."""

    def of(self, node: ast.ClassDef) -> Sequence[Remarks]:
        """Give the comments in the body of a class at module level, one entry for each of its statements.

        Raises:
            Disagreement: the body has other statements than ``ast`` sees.
        """


def spoken(comment: str | None) -> str | None:
    """Give what a comment, number sign included, says to a reader; None for one that speaks to a tool."""
    if comment is None:
        return None
    words = without_directive(comment)
    text = words.lstrip("#").strip()
    return None if text.startswith(_NO_DESCRIPTION) or (not text and words != comment) else text


def all_spoken(comments: Iterable[str]) -> tuple[str, ...]:
    """Give what several comments say, one entry for each that speaks to a reader."""
    return tuple([text for text in map(spoken, comments) if text is not None])


def described(remarks: Remarks, docstring: str | None, between: Remarks) -> str:
    """Join the comment above, the trailing comment and the attribute docstring, in that order.

    Args:
        remarks: the comments of an attribute.
        docstring: the value of the literal that stands behind it, if one does.
        between: the comments of that literal.
    """
    if remarks is NO_REMARKS and between is NO_REMARKS:
        return "" if docstring is None else dedented(docstring)
    below = () if docstring is None else (*between.anywhere_above, dedented(docstring))
    found = ("\n".join(remarks.above), remarks.trailing, *below)
    return clean("\n".join([part for part in found if part]))
