"""How many tokens a conversation has, where the engine itself does not say."""

from pathlib import Path
from typing import TYPE_CHECKING

from guidex_schema.diagnostic import quoted
from guidex_schema.error import UsageError
from guidex_schema.generation.engine import Conversation
from guidex_schema.generation.engines.wording import said

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Chat templates put marks around each message, and some a date and a default system prompt before the first.
_MESSAGE_TOKENS = 16
_TEMPLATE_TOKENS = 64


def overhead(messages: Conversation) -> int:
    """Give the tokens that are allowed for what a chat template adds."""
    return _TEMPLATE_TOKENS + _MESSAGE_TOKENS * len(messages)


def bound(messages: Conversation) -> int:
    """Give a number of tokens that no conversation exceeds: no tokenizer makes more of a text than it has bytes."""
    return overhead(messages) + sum(len(one.content.encode("utf-8", "surrogatepass")) for one in messages)


def estimate(messages: Conversation) -> int:
    """Give about the number of tokens: English has four bytes to one."""
    return sum(-(-len(one.content.encode("utf-8", "surrogatepass")) // 4) for one in messages)


class TokenizerFile:
    """A tokenizer that was read from a file."""

    def __init__(self, tokenizer: "Tokenizer") -> None:
        self._tokenizer = tokenizer

    def count(self, messages: Conversation) -> int:
        """Count the tokens of what is said, and allow for what the chat template adds."""
        encodings = self._tokenizer.encode_batch([one.content for one in messages], add_special_tokens=False)
        return overhead(messages) + sum(len(one.ids) for one in encodings)


def tokenizer_at(path: str) -> TokenizerFile:
    """Read a tokenizer from a ``tokenizer.json``, or from the folder that holds one.

    Raises:
        UsageError: there is none, it cannot be read, or the extra is not installed.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise UsageError(
            "a tokenizer is read by the package tokenizers: pip install 'guidex-schema[generate]'"
        ) from error
    file = Path(path) / "tokenizer.json" if Path(path).is_dir() else Path(path)
    try:
        source = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"the tokenizer {quoted(str(file))} cannot be read: {said(str(error))}") from error
    try:
        return TokenizerFile(Tokenizer.from_str(source))
    # The package raises bare exceptions for what is no tokenizer.
    except Exception as error:
        raise UsageError(f"{quoted(str(file))} is no tokenizer: {said(str(error))}") from error
