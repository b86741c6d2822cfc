"""A process looks for garbage rarely, and still finds it."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from kit.garbage import YOUNG, collect_rarely


@pytest.fixture
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


class Node:
    def __init__(self) -> None:
        self.itself = self


@pytest.mark.usefixtures("as_before")
def test_what_was_loaded_is_set_apart_and_new_cycles_are_still_found() -> None:
    collect_rarely()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == YOUNG
    node = Node()
    gone = weakref.ref(node)
    del node
    gc.collect()
    assert gone() is None
