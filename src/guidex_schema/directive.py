"""Directives: what a comment in guidelines says to this tool and not to annotators."""

import re

# It may stand behind the words that describe an attribute, in the same comment.
DIRECTIVE = re.compile(r"#[ \t]*guidex:[ \t]*(?P<word>[\w-]*)(?P<list>\[(?P<codes>[^\]#]*)\])?")


def without_directive(comment: str) -> str:
    """Give a comment, number sign included, without what it says to this tool."""
    found = DIRECTIVE.search(comment) if "guidex:" in comment else None
    return comment if found is None else comment[: found.start()].rstrip()
