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
    """Describe what the stage ``structure`` writes: objects within objects, as deep as the bounds say.

    Values are strings, numbers, truth values, objects, and lists of these; strings and lists are as short as the bounds
    say, and none is empty.

    Returns:
        A JSON Schema of draft 2020-12 without recursion, which every backend of structured output reads.
    """
    text: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": bounds.span_characters}
    items: list[dict[str, object]] = [text, {"type": "number"}, {"type": "boolean"}]
    definitions: dict[str, object] = {"value1": _value(items, bounds)}
    for depth in range(2, bounds.depth + 1):
        definitions[f"object{depth}"] = _object({"$ref": f"#/$defs/value{depth - 1}"})
        definitions[f"value{depth}"] = _value([*items, {"$ref": f"#/$defs/object{depth}"}], bounds)
    return {
        "$schema": _DIALECT,
        **_object({"$ref": f"#/$defs/value{bounds.depth}"}),
        "$defs": definitions,
    }


def _value(items: list[dict[str, object]], bounds: Bounds) -> dict[str, object]:
    several = {"type": "array", "items": {"anyOf": items}, "minItems": 1, "maxItems": bounds.items}
    return {"anyOf": [*items, several]}


def _object(value: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        # What a key is, as every backend reads it: llguidance knows no propertyNames, xgrammar no class of what is not.
        "patternProperties": {f"^[{_KEY}][{_KEY} ]{{0,{_LONGEST_KEY - 1}}}$": value},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": _MOST_KEYS,
    }
