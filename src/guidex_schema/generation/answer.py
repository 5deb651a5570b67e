"""The answer in what a model says: without what it thinks aloud, and without what it says about its answer."""

import re
from collections.abc import Callable

from guidex_schema.generation.fence import Block, blocks

# <think> as most write it, [THINK] as Magistral does, and the marks of Kimi.
_THINKING = "think|thinking|thought|reasoning|analysis"
_TAG = re.compile(rf"<(?P<close>/)?(?:{_THINKING})>|\[(?P<shut>/)?THINK\]|◁(?P<end>/)?think▷", re.IGNORECASE)
# Where the prompt has opened it, only its end is there; inside an answer it would not stand on a line of its own.
_END_OF_THOUGHT = re.compile(
    rf"^[ \t]*(?:</(?:{_THINKING})>|\[/THINK\]|◁/think▷)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE
)
# gpt-oss answers in channels, and the last one is the answer (harmony response format).
_CHANNEL = re.compile(r"\s*+<\|(?:channel|start)\|>")
_FINAL = "<|channel|>final<|message|>"
# How the answer ends in the words of a tokenizer, where a server lets them through.
_END = re.compile(
    r"(?:</s>|</answer>|<eos>|<end_of_turn>|<\|(?:eot_id|im_end|end|endoftext|end_of_text|return|eom_id)\|>)\Z"
)
_LONGEST_END = 40
_ANSWER = re.compile(r"\s*+<answer>")

_CODE = re.compile(
    r"^[ \t]*+(?:@\w|class[ \t]++\w++[ \t]*+[(:]|from[ \t]++[\w.]++[ \t]++import\b|import[ \t]++\w++[ \t]*+(?:$|as\b))",
    re.MULTILINE,
)
_LIST = re.compile(r"\s*+(?:\#[^\r\n]*+\s*+){0,8}+(?:[^\W\d]\w*+\s*+(?::[^=\r\n]*+)?=\s*+)?(?:\[|[^\W\d]\w*+\s*+\()")
# A string before the first statement is the module's, and what assigns is code.
_MAY_BE_CODE = re.compile(r"=|^[ \t]*+[\"']|\"{3}|'{3}", re.MULTILINE)
# A list of instances, and the name that it is assigned to; a longer type would be read again from each name in it.
_START = re.compile(
    r"(?:\b(?:result|result_instances)\s*+(?::[^=\r\n]{0,100}+)?=\s*+)?\[(?=\s*+(?:\]|\#|[^\W\d]\w*+\s*+\())"
)
# What stands beside a list may be an instance that went wrong; a remark has none of this.
_OF_INSTANCES = frozenset("([{=")
# What ends a list that is written as a part of something.
_PUNCTUATION = frozenset((",", ";", "."))
_INSTANCE = re.compile(r"[A-Z]\w*+\(")
_IN_BACKTICKS = re.compile(r"`[^`]++`")
# On the line of the answer itself, as in ```` ```json{"a": "b"}``` ````.
_LEADING = re.compile(r"\s*+(?:`{3,}+|~{3,}+)[\w+#.-]*+(?=[\[{])")
_TRAILING = re.compile(r"(?:`{3,}+|~{3,}+)\Z")

# A block in a block is an answer that is quoted as a whole; more than a few are none.
_DEEPEST = 3
_LONGEST_FENCE = 100


Parser = Callable[[str], str]


def spoken(text: str) -> str:
    """Give what a model says, without what it thinks aloud before it, and without marks of where it ends."""
    if _CHANNEL.match(text):
        _, _, text = text.rpartition(_FINAL) if _FINAL in text else ("", "", "")
    text = text[_thought(text) :]
    end = _END_OF_THOUGHT.search(text)
    text = text if end is None else text[end.end() :]
    text = text[: _length(text)]
    opening = _ANSWER.match(text)
    return text if opening is None else text[opening.end() :]


def _length(text: str) -> int:
    """Give where the marks behind an answer begin; the length of the text where there is none."""
    length, end = len(text), len(text.rstrip())
    while (mark := _END.search(text, max(end - _LONGEST_END, 0), end)) is not None:
        length = end = mark.start()
        while end and text[end - 1].isspace():
            end -= 1
    return length


def _thought(text: str) -> int:
    """Give where the thoughts at the beginning end; those in others are part of them."""
    end = last = depth = 0
    for tag in _TAG.finditer(text):
        if depth == 0 and text[end : tag.start()].strip():
            break
        is_closing = any(tag.group("close", "shut", "end"))
        depth = max(depth - 1, 0) if is_closing else depth + 1
        last = tag.end() if is_closing else last
        end = tag.end() if depth == 0 else end
    # One that is opened and never closed is spoken of in a thought; without an end, all of it is one.
    return end if depth == 0 else last or len(text)


def summary(text: str) -> str:
    """Give the key ideas; a fence goes where nothing stands outside of it."""
    text = spoken(text)
    for _ in range(_DEEPEST):
        found = list(blocks(text))
        if len(found) != 1 or text[: found[0].start].strip() or text[found[0].end :].strip():
            break
        text = found[0].content
    return text.strip()


def structure(text: str) -> str:
    """Give the JSON object."""
    text = _inside(spoken(text), _is_object)
    start, end = text.find("{"), text.rfind("}")
    # What is an array as a whole is not made an object of.
    is_array = text.lstrip().startswith("[")
    return (text[start : end + 1] if 0 <= start < end and not is_array else text).strip()


def guideline(text: str) -> str:
    """Give the Python source; blocks that hold classes or imports are one source together."""
    text = _inside(spoken(text), _is_code, joined=True)
    start = _CODE.search(text)
    before = text[: start.start()] if start is not None else ""
    # Comments are of the code.
    is_prose = not _MAY_BE_CODE.search(before) and any(not line.startswith("#") for line in before.split("\n") if line)
    return f"{text[start.start() :] if start is not None and is_prose else text}".strip("\r\n \t") + "\n"


def instances(text: str) -> str:
    """Give the list of instances, without the name that it is assigned to, and without remarks beside it.

    Instances that stand there without a list around them are one.
    """
    text = _inside(spoken(text), _is_list).strip()
    if _IN_BACKTICKS.fullmatch(text):
        text = text[1:-1].strip()
    if _INSTANCE.match(text) and text.rstrip(",").endswith(")"):
        return f"[{text}]"
    start = _START.search(text)
    if start is not None and _OF_INSTANCES.isdisjoint(text[: start.start()]):
        text = text[start.end() - 1 :]
    end = text.rfind("]") + 1
    behind = text[end:].lstrip()
    is_remark = end > 0 and text[end : end + 1].isspace() and behind[:1].isalpha() and _OF_INSTANCES.isdisjoint(behind)
    is_remark = is_remark or (end > 0 and behind in _PUNCTUATION)
    return text[:end] if is_remark else text


def _inside(text: str, is_one: Callable[[str], bool], *, joined: bool = False) -> str:
    """Give the block that is an answer, where there is exactly one; text that is one without any is left as it is.

    Args:
        text: what is said.
        is_one: whether a text looks like an answer.
        joined: several blocks are one answer together.
    """
    leading = _LEADING.match(text)
    text = text[leading.end() :] if leading is not None else text
    for _ in range(_DEEPEST):
        found = list(blocks(text))
        if not found:
            break
        before = text[: found[0].start]
        likely = [block for block in found if is_one(block.content)]
        if is_one(before):
            return before if _is_end(found, likely) else text
        if len(likely) > 1 and joined:
            return "\n\n".join(block.content for block in likely)
        if len(likely) != 1 and len(found) != 1:
            break
        text = (likely or found)[0].content
    end = _TRAILING.search(text.rstrip()[-_LONGEST_FENCE:])
    return text.rstrip()[: -len(end[0])] if end is not None else text


def _is_end(found: list[Block], likely: list[Block]) -> bool:
    """Say whether all that there is of fences is one behind the answer, with nothing or a remark behind it."""
    return len(found) == 1 and not found[0].is_closed and not found[0].info and not likely


def _is_object(text: str) -> bool:
    return text.lstrip().startswith("{")


def _is_code(text: str) -> bool:
    return _CODE.search(text) is not None


def _is_list(text: str) -> bool:
    return _LIST.match(text) is not None
