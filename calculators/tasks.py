"""What is placed on days: amounts, and what each day would cost."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """Paying in `slot` (None: not at all within sight) costs `cost`, in any one unit."""

    slot: int | None
    cost: int


@dataclass(frozen=True, slots=True)
class Task:
    """`options` by rising cost, no slot twice, ending with one whose slot is None: an answer always exists."""

    amount: int
    options: tuple[Option, ...]


def total(chosen: Iterable[Option]) -> int:
    return sum(option.cost for option in chosen)
