"""English-like texts and values that quote or reword them, made up from a seed.

The words are those of the Python standard library's help topics, as often as they occur there, so that the few words
that most texts are full of are as frequent here: how long `str.find` takes depends on them. The topics change a little
with the version of Python, and the texts with them.
"""

import pydoc_data.topics
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate, islice
from typing import NamedTuple

CHARACTERS_A_WORD = 6.1

ARTICLES = ("the", "a", "an")
FUNCTION_WORDS = frozenset(
    (*ARTICLES, *"and are as at be but by for from in is it its not of on or that this to was which with".split())
)
EDGES = ".,;:()“”’' \n"
SYLLABLES = ("al", "be", "cor", "di", "en", "fa", "gor", "hi", "in", "ju", "ka", "lum", "mo", "nor", "os", "pe", "qua")


class Quote(NamedTuple):
    """A value, and the offset in the document that it was taken from."""

    text: str
    start: int


@cache
def vocabulary() -> tuple[list[str], list[int]]:
    """Give the words, the most frequent first, and the sums of their frequencies."""
    text = " ".join(pydoc_data.topics.topics.values())
    counts = Counter(re.findall(r"(?<!\S)(?:[a-z]{2,}|a)(?=[.,;:]?(?:\s|$))", text)).most_common()
    return [word for word, _ in counts], list(accumulate(count for _, count in counts))


def draw(chance: random.Random, count: int) -> list[str]:
    """Draw words, each as often as it occurs in English."""
    words, weights = vocabulary()
    return chance.choices(words, cum_weights=weights, k=count)


def invented_word(chance: random.Random, syllables: int = 3) -> str:
    """Make up a word."""
    return "".join(chance.choices(SYLLABLES, k=syllables))


def document_of(chance: random.Random, words: int) -> str:
    """Write that many words as sentences and paragraphs, and one more sentence with a number."""
    drawn = iter(draw(chance, words - 5))
    sentences = []
    while sentence := [dress(chance, word) for word in islice(drawn, chance.randint(8, 30))]:
        body = " ".join(sentence).rstrip(",")
        sentences.append(body[0].upper() + body[1:] + "." + ("\n\n" if chance.random() < 0.15 else " "))
    return f"{''.join(sentences)}It was written in {chance.randint(1700, 2024)}."


def dress(chance: random.Random, word: str) -> str:
    """Give a word as it may stand in a text: a name, a number, quoted, before a comma."""
    if word in FUNCTION_WORDS:
        return word
    match chance.randrange(100):
        case 0 | 1:
            return number(chance)
        case 2 | 3 | 4 | 5 | 6 | 7:
            return word.capitalize()
        case 8:
            return f"{word.capitalize()}’s"
        case 9:
            return f"“{word}”"
        case 10:
            return f"({word})"
        case 11:
            return f"{word}-{draw(chance, 1)[0]}"
        case place:
            return f"{word}," if place < 22 else word


def number(chance: random.Random) -> str:
    """Make up a year, a count, an amount or a share."""
    kinds = (f"{chance.randint(1700, 2024)}", f"{chance.randint(2, 99)}", f"{chance.randint(1000, 999_999):,}")
    return chance.choice((*kinds, f"{chance.randint(1, 99)}%", f"{chance.randint(1, 99) / 10}"))


class Author:
    """Write values about one document.

    Args:
        chance: what the choices are drawn from.
        document: a text of a hundred words or more.
    """

    def __init__(self, chance: random.Random, document: str) -> None:
        self.chance = chance
        self.document = document
        self.tokens = [match.span() for match in re.finditer(r"\S+", document)]

    def quotes(self, write: Callable[[str], str]) -> Iterator[Quote]:
        """Give values of one kind without end, each from a place of its own; a way to write may refuse a passage."""
        while True:
            found = self.passage()
            if text := write(found.text):
                yield Quote(text, found.start)

    def passage(self) -> Quote:
        """Choose up to a dozen words of one sentence."""
        first = self.chance.randrange(len(self.tokens))
        start, end = self.tokens[first][0], self.tokens[min(first + 11, len(self.tokens) - 1)][1]
        return Quote(re.split(r"[.]\s", self.document[start:end])[0], start)

    def verbatim(self, passage: str) -> str:
        """Quote one to four words, none of them an article at the edge."""
        words = passage.split()[: self.chance.choice((1, 1, 2, 2, 3, 4))]
        text = " ".join(words).strip(EDGES)
        proper = text in self.document and FUNCTION_WORDS.isdisjoint((words[0], words[-1]))
        return text if proper else ""

    def normalised(self, passage: str) -> str:
        """Quote in another case, or with other quotes."""
        text = self.verbatim(passage)
        other = text.replace("’", "'") if "’" in text else self.chance.choice((text.title(), text.upper()))
        return "" if other in self.document else other

    def variant(self, passage: str) -> str:
        """Drop an article inside, or turn the last word into its plural or singular."""
        words = passage.split()[: self.chance.randint(3, 5)]
        if not FUNCTION_WORDS.isdisjoint((words[0], words[-1])):
            return ""
        text = " ".join(words).strip(EDGES)
        if self.chance.random() < 0.5:
            text = text.removesuffix("s") if text.endswith("s") else f"{text}s"
        else:
            text = re.sub(r" (?:the|an?) ", " ", text, count=1)
        return "" if text in self.document else text

    def paraphrase(self, passage: str) -> str:
        """Say the words of a passage in another order, with some dropped and one replaced."""
        words = [word.strip(EDGES) for word in passage.split()]
        if len(words) < 4:
            return ""
        words = self.chance.sample(words, min(len(words) - 1, self.chance.randint(2, 8)))
        words[self.chance.randrange(len(words))] = draw(self.chance, 1)[0]
        # As in real rows, no value begins or ends with a function word.
        while words and words[0].lower() in FUNCTION_WORDS:
            words.pop(0)
        while words and words[-1].lower() in FUNCTION_WORDS:
            words.pop()
        text = " ".join(words)
        return "" if not text or text in self.document else text

    def invented(self, _passage: str) -> str:
        """Make up two words."""
        return f"{invented_word(self.chance)} {invented_word(self.chance)}".title()
