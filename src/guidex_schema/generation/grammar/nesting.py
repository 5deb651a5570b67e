"""Nesting: which classes hold which, and which of them each other.

Source: S. R. Kosaraju's strongly connected components, in M. Sharir, A strong-connectivity algorithm, 1981.
"""

from collections.abc import Collection, Iterator, Mapping


def groups(held: Mapping[str, Collection[str]]) -> Iterator[tuple[str, ...]]:
    """Give the classes that hold each other together, and any other by itself; each behind those that it holds.

    Args:
        held: the classes that each class may hold, all of which are keys as well.
    """
    holders: dict[str, list[str]] = {name: [] for name in held}
    for name, others in held.items():
        for other in others:
            holders[other].append(name)
    order = [name for group in _reached(tuple(held), holders) for name in group]
    yield from _reached(order[::-1], held)


def _reached(starts: Collection[str], edges: Mapping[str, Collection[str]]) -> Iterator[tuple[str, ...]]:
    """Give what each start leads to and none before it did, the furthest first."""
    seen: set[str] = set()
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        found: list[str] = []
        path = [(start, iter(edges[start]))]
        while path:
            name, others = path[-1]
            following = next((other for other in others if other not in seen), None)
            if following is None:
                found.append(name)
                path.pop()
            else:
                seen.add(following)
                path.append((following, iter(edges[following])))
        yield tuple(found)
