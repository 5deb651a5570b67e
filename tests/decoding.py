"""What a model writes that knows nothing but its grammar: sentences from random logits."""

import random
from collections.abc import Sequence
from typing import Any

from llguidance import LLMatcher, LLTokenizer

# Pieces of labels, borders between them and parts of characters, as tokenizers have them, besides every byte.
_PIECES = [
    *(piece.encode() for piece in (
        '="', '", ', '")', "), ", "=[", "[]", "()", "None", ", ", "True", " the", "the ", "\\n", '\\"', "\\\\", "\\u20",
        "in", "an", "18", "00", ".5", "静脉", "注", "é", "🙂", "ال", "हिन्दी", '"]', '="A', "a b",
    )),
    "静".encode()[:2], "脉".encode()[1:], "🙂".encode()[:3], b'"\xe9', b"\xd8",
]  # fmt: skip


class Vocabulary:
    """The tokens of a tokenizer that needs no files, in the form that llguidance asks for."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.tokens = [*(bytes((byte,)) for byte in range(256)), *dict.fromkeys(pieces), b"<eos>"]
        self.special_token_ids = [len(self.tokens) - 1]
        self.eos_token_id = self.special_token_ids[0]
        self.bos_token_id = None
        self.is_tokenizer_wrapper = True

    def __call__(self, text: str | bytes) -> list[int]:
        return list(text.encode() if isinstance(text, str) else text)


BYTES = Vocabulary(())
PIECES = Vocabulary(_PIECES)
_TOKENIZERS: dict[int, LLTokenizer] = {}


def tokenizer(vocabulary: Vocabulary) -> LLTokenizer:
    """Give llguidance's tokenizer of a vocabulary, which is made once."""
    # It takes any object with these attributes, and says so only in words.
    wrapper: Any = vocabulary
    return _TOKENIZERS.setdefault(id(vocabulary), LLTokenizer(wrapper))


def matcher(grammar: str, vocabulary: Vocabulary = BYTES) -> LLMatcher:
    """Compile a grammar in Lark."""
    made = LLMatcher(tokenizer(vocabulary), LLMatcher.grammar_from_lark(grammar))
    assert not made.is_error(), (made.get_error(), grammar)
    return made


def decoded(start: LLMatcher, vocabulary: Vocabulary, chance: random.Random, most: int = 4000) -> str | None:
    """Let random logits write one sentence; None where it has no end within so many tokens."""
    state = start.deep_copy()
    written = bytearray()
    for _ in range(most):
        token = picked(allowed(state.compute_bitmask(), len(vocabulary.tokens)), vocabulary, chance)
        if token == vocabulary.eos_token_id:
            return written.decode("utf-8")
        assert state.consume_token(token), state.get_error()
        written += vocabulary.tokens[token]
        if state.is_stopped():
            assert not state.is_error(), (state.get_error(), bytes(written))
            return written.decode("utf-8")
    return None


def picked(tokens: Sequence[int], vocabulary: Vocabulary, chance: random.Random) -> int:
    """Pick a token; to end a list is made less likely, or most lists would be empty."""
    token = chance.choice(tokens)
    return chance.choice(tokens) if vocabulary.tokens[token][:1] in (b"]", b"<") else token


def allowed(mask: bytes, count: int) -> list[int]:
    """Give the tokens that a mask lets pass."""
    bits = int.from_bytes(mask, "little")
    return [token for token in range(count) if bits >> token & 1]


def accepts(start: LLMatcher, text: str) -> bool:
    """Say whether a text is a whole sentence, byte by byte."""
    state = start.deep_copy()
    tokens = list(text.encode())
    return state.try_consume_tokens(tokens) == len(tokens) and state.is_accepting()


def json_matcher(schema: dict[str, object]) -> LLMatcher:
    """Compile a JSON Schema, for tokens of several bytes."""
    made = LLMatcher(tokenizer(PIECES), LLMatcher.grammar_from_json_schema(schema))
    assert not made.is_error(), made.get_error()
    return made
