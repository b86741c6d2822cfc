"""Values that every answer shares: what is known, how old it is, and what is not known and why."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domains.freshness import Freshness, GroupFreshness
from domains.issues.catalogue import RecordKind


class Unknown(StrEnum):
    """Why a figure cannot be told. Never replaced by a zero or a default."""

    NOT_CONNECTED = "not_connected"
    NEVER_SYNCED = "never_synced"
    NOT_ENOUGH_HISTORY = "not_enough_history"
    MISSING_RATE = "missing_rate"
    MISSING_SET = "missing_set"
    EMPTY_BOOKS = "empty_books"


@dataclass(frozen=True, slots=True)
class Condition:
    """`detail` names the set, the currency or the record; the days belong to NOT_ENOUGH_HISTORY."""

    kind: Unknown
    detail: str = ""
    days_known: int | None = None
    days_needed: int | None = None


class Link(StrEnum):
    """The connection to QuickBooks."""

    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    DISCONNECTED = "disconnected"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Health:
    """How far the figures can be trusted. `currency` and `zone` are the business's own; `today` is its local date."""

    link: Link
    freshness: tuple[GroupFreshness, ...]
    syncing: bool
    last_run_failed: bool
    currency: str
    zone: str
    today: date
    now: datetime

    @property
    def worst(self) -> Freshness:
        order = (Freshness.NEVER, Freshness.STALE, Freshness.AGING, Freshness.FRESH)
        return min((line.state for line in self.freshness), key=order.index, default=Freshness.NEVER)

    @property
    def as_of(self) -> datetime | None:
        """The oldest of the last good syncs; None when something was never synced."""
        seen = [line.last_synced for line in self.freshness]
        known = [at for at in seen if at is not None]
        return min(known) if known and len(known) == len(seen) else None


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A record of the books as people name and open it. `ref` is what `/runway approve <ref>` takes ("B-145")."""

    kind: RecordKind
    qbo_id: str
    ref: str


@dataclass(frozen=True, slots=True)
class Page:
    """Pages count from 1; `pages` is at least 1."""

    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs from what the person saw, both written for people by the views."""

    field: str
    old: object | None
    new: object | None
