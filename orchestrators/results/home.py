"""What waits for one person: App Home is a queue, not a brochure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domains.people import Role
from kit.money import Money
from orchestrators.results.console import Voice
from orchestrators.results.headline import HeadlineResult


class TaskKind(StrEnum):
    """In the order in which they are shown."""

    RECONNECT = "reconnect"
    CONNECT = "connect"
    SYNC_FAILED = "sync_failed"
    CASH_ACCOUNTS = "cash_accounts"
    CONFIRM = "confirm"
    MISMATCH = "mismatch"
    NOT_SEEN = "not_seen"
    DECIDE = "decide"
    HAND_OFF = "hand_off"
    ASSIGNED = "assigned"
    TRAY = "tray"
    COLLECT = "collect"


@dataclass(frozen=True, slots=True)
class HomeTask:
    """`ref` names one record (CONFIRM, MISMATCH, NOT_SEEN, ASSIGNED); the others are counts that lead to a list.

    `of` is the length of that list where more stands in it than is counted. `by` proposed it; where it was approved,
    `voices` are the yeses.
    """

    kind: TaskKind
    count: int
    ref: str | None = None
    party: str | None = None
    amount: Money | None = None
    due: date | None = None
    by: str | None = None
    of: int | None = None
    voices: tuple[Voice, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeResult:
    """`headline` None: this person sees only what is assigned to them."""

    tasks: tuple[HomeTask, ...]
    headline: HeadlineResult | None
    may_manage: bool
    roles: frozenset[Role]
