"""Future money that nobody has booked, and money in the bank that is spoken for."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from kit.money import Money


class Repeat(StrEnum):
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    SEMI_MONTHLY = "semi_monthly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


@dataclass(frozen=True, slots=True)
class KnownItem:
    """`amount` is positive for money in, negative for money out; it repeats to `until` when `repeat` is set."""

    id: UUID
    label: str
    on: date
    amount: Money
    repeat: Repeat | None
    until: date | None
    added_by: str


@dataclass(frozen=True, slots=True)
class SetAside:
    id: UUID
    label: str
    amount: Money
    set_by: str
