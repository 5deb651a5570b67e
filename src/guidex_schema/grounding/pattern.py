"""Pieces of the regular expressions that read terms."""

import re
from collections.abc import Iterable

from guidex_schema.grounding.border import SPACELESS

# Written without spaces between words.
SPELT = SPACELESS.pattern[1:-1]
LETTER = r"[^\W\d_]"
END = rf"(?!(?![{SPELT}])[^\W_])"


def any_of(forms: Iterable[str]) -> str:
    """Match any of these strings, the longest first."""
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
