"""When Python looks for garbage: seldom, in processes of this program that read one row after another."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made and not given back, before the youngest are looked through, then how many times so before older ones are.
# Trees and values of rows hold no cycles and go when nobody refers to them; what does is little, and goes here.
_YOUNG, _MIDDLE, _OLD = 50_000, 20, 20


@contextmanager
def seldom() -> Iterator[None]:
    """Look for garbage seldom, and never again among what is there already, as modules and models are.

    As it comes, Python looks through all objects again for every few rows, which costs as much as checking them.
    The process has to be ours: a program that uses this package as a library has its own settings.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
