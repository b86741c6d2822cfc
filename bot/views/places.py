"""Where a clicked card stands: a page of a list with its cards, alone in a private reply, or in a durable message.

A list is drawn again with the very cards it had, in their order: no button ever moves under a finger.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

DURABLE: Final = "card"  # in a message that stays; its copies are redrawn by a job
LONE: Final = "lone"  # on its own in a private reply


@dataclass(frozen=True, slots=True)
class Place:
    """`keys` are those of the cards on the page; `narrow` belongs to the console."""

    kind: str
    narrow: str = ""
    page: int = 1
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind in {DURABLE, LONE}:
            return self.kind
        return "/".join((self.kind, self.narrow, str(self.page), ",".join(self.keys)))

    @classmethod
    def read(cls, written: str) -> "Place":
        """Whatever was written is a place: what cannot be read is its first page."""
        kind, narrow, page, keys, *_ = [*written.split("/"), "", "", ""]
        number = int(page) if page.isdecimal() else 1
        return cls(kind, narrow, number, tuple(key for key in keys.split(",") if key))


def list_place(kind: str, page: int, keys: Iterable[str], narrow: str = "") -> Place:
    return Place(kind, narrow, page, tuple(keys))
