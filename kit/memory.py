"""What a process keeps of a business from one transaction to the next, so as not to make it again.

Nothing kept is true by itself: whoever recalls it shows, from the own transaction, the mark of all it was made from.
Another mark counts as forgotten. Losing everything at any moment costs time and nothing else.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

T = TypeVar("T")
ROOM = 400_000  # records; some hundreds of bytes each


@dataclass(frozen=True, slots=True)
class Kept:
    value: object
    mark: object
    size: int


class Memory:
    """One value per business and type: the newest. What was not asked for the longest goes when room runs out."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._kept: OrderedDict[tuple[UUID, type], Kept] = OrderedDict()
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def recall(self, business: UUID, kind: type[T], mark: object) -> T | None:
        kept = self._kept.get((business, kind))
        if kept is None or kept.mark != mark or not isinstance(kept.value, kind):
            return None
        self._kept.move_to_end((business, kind))
        return kept.value

    def remember(self, business: UUID, value: object, mark: object, *, size: int) -> None:
        """`size` in records. What alone is larger than the room is not kept."""
        self._kept.pop((business, type(value)), None)
        if size > self._room:
            return
        self._kept[business, type(value)] = Kept(value, mark, size)
        while sum(one.size for one in self._kept.values()) > self._room:
            self._kept.popitem(last=False)

    def turn(self, business: UUID) -> asyncio.Lock:
        """Who makes what several wait for holds it, so that it is made once."""
        return self._turns.setdefault(business, asyncio.Lock())
