"""The shape of a structure: a JSON object whose strings are short pieces of a text."""

from guidex_schema.generation.grammar.bounds import BOUNDS, Bounds

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Keys are general and merged: what has more of them lists the text in place of naming its parts.
_MOST_KEYS = 16
_LONGEST_KEY = 40
# Neither blanks nor quotes, backslashes, control characters, or half pairs.
_KEY = (
    r"!#-\[\]-~\u00a1-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\ufffd"
)


def structure_schema(bounds: Bounds = BOUNDS) -> dict[str, object]:
    """Describe what the stage ``structure`` writes: an object that nests as deep as the bounds let instances.

    Strings and lists are as short as the bounds say, no object is empty, and numbers and truth values stand for
    themselves.

    Returns:
        A JSON Schema of draft 2020-12 without recursion, which every backend of structured output reads.
    """
    text: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": bounds.span_characters}
    scalars: list[dict[str, object]] = [text, {"type": "number"}, {"type": "boolean"}]
    value: dict[str, object] = {"anyOf": scalars}
    definitions: dict[str, object] = {"value0": value}
    for depth in range(1, bounds.depth + 1):
        inner: dict[str, object] = {"$ref": f"#/$defs/value{depth - 1}"}
        definitions[f"object{depth}"] = _object(inner)
        definitions[f"value{depth}"] = {
            "anyOf": [
                *scalars,
                {"type": "array", "items": inner, "minItems": 1, "maxItems": bounds.items},
                {"$ref": f"#/$defs/object{depth}"},
            ]
        }
    return {
        "$schema": _DIALECT,
        **_object({"$ref": f"#/$defs/value{bounds.depth}"}),
        "$defs": definitions,
    }


def _object(value: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        # What a key is, as every backend reads it: llguidance knows no propertyNames, xgrammar no class of what is not.
        "patternProperties": {f"^[{_KEY}][{_KEY} ]{{0,{_LONGEST_KEY - 1}}}$": value},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": _MOST_KEYS,
    }
