"""Hypothesis strategies for what labels hold: values and instances over the names of a schema."""

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from guidex_schema.instance import (
    Argument,
    BooleanValue,
    Entry,
    Instance,
    IntegerValue,
    ListValue,
    MappingValue,
    MemberValue,
    NoneValue,
    NumberValue,
    SetValue,
    TextValue,
    TupleValue,
    Value,
)
from guidex_schema.text import Span

spans: SearchStrategy[Span] = st.tuples(st.integers(0, 99), st.integers(0, 9)).map(
    lambda pair: Span(start=pair[0], end=sum(pair))
)
scalars: SearchStrategy[Value] = st.one_of(
    st.builds(TextValue, value=st.text(max_size=6), span=spans),
    st.builds(IntegerValue, value=st.integers(-(2**255), 2**255), span=spans),
    st.builds(NumberValue, value=st.floats(allow_nan=False, allow_infinity=False), span=spans),
    st.builds(BooleanValue, value=st.booleans(), span=spans),
    st.builds(NoneValue, span=spans),
)


def values(
    classes: Sequence[str] = ("A", "B"), attributes: Sequence[str] = ("x", "y"), members: Sequence[str] = ("E.m",)
) -> SearchStrategy[Value]:
    """Give any value, however wrong, whose names are mostly those given."""
    class_names = st.sampled_from([*classes, "Undefined"])
    attribute_names = st.sampled_from([*attributes, "unexpected"])
    named = [tuple(member.split(".")) for member in members]
    leaves = scalars
    if named:
        leaves |= st.builds(
            lambda pair, span: MemberValue(enum=pair[0], member=pair[1], span=span), st.sampled_from(named), spans
        )

    def inside(of: SearchStrategy[Value]) -> SearchStrategy[Value]:
        items = st.lists(of, max_size=3).map(tuple)
        arguments = st.lists(st.builds(Argument, name=attribute_names, value=of, span=spans), max_size=3).map(
            lambda found: tuple({one.name: one for one in found}.values())
        )
        return st.one_of(
            st.builds(ListValue, items=items, span=spans),
            st.builds(TupleValue, items=items, span=spans),
            st.builds(SetValue, items=items, span=spans),
            st.builds(
                MappingValue,
                entries=st.lists(st.builds(Entry, key=scalars, value=of), max_size=2).map(tuple),
                span=spans,
            ),
            st.builds(Instance, class_name=class_names, positional=items, keyword=arguments, span=spans),
        )

    return st.recursive(leaves, inside, max_leaves=8)
