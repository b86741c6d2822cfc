"""The hygiene tray: which records make the numbers untrustworthy, what each costs, and who is on it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domains.issues.catalogue import IssueCode, IssueFacts, Severity
from domains.item_states import ItemStatus
from kit.money import Money
from orchestrators.results.basis import Health, Page, RecordRef


class TrayAct(StrEnum):
    RESOLVE = "resolve"
    ASSIGN = "assign"
    SNOOZE = "snooze"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class ItemState:
    """`changed_by` is a Slack id, or "runway" for what a sync did. `undo_until` is set while an undo is possible."""

    status: ItemStatus
    assignee: str | None
    until: date | None
    reason: str | None
    changed_by: str | None
    changed_at: datetime | None
    undo_until: datetime | None


@dataclass(frozen=True, slots=True)
class CertaintyCost:
    """As in "± money, ± days of runway rest on this". `days` None: runway is unknown or unbounded."""

    money: Money
    days: Decimal | None


@dataclass(frozen=True, slots=True)
class TrayItem:
    """One (record, code). `key` and `version` are what a button carries: `version` changes when the judged fields do.

    `state` also covers items that left the tray (resolved, dismissed, snoozed, fixed in the books): a redrawn copy of
    their card says so. `acts` are those open to the caller now, in the order of the buttons.
    """

    key: str
    version: str
    record: RecordRef
    code: IssueCode
    severity: Severity
    blocks: bool
    score: int
    amount: Money | None
    facts: IssueFacts
    certainty: CertaintyCost | None
    twin: RecordRef | None
    state: ItemState
    acts: tuple[TrayAct, ...]


@dataclass(frozen=True, slots=True)
class SeverityTotal:
    severity: Severity
    count: int
    at_stake: Money


@dataclass(frozen=True, slots=True)
class TrayResult:
    """`items` is one page in the tray's total order. `mine_only`: the caller sees just what is assigned to them."""

    health: Health
    items: tuple[TrayItem, ...]
    page: Page
    totals: tuple[SeverityTotal, ...]
    blocking: int
    snoozed: int
    dismissed: int
    data_quality: int | None
    mine_only: bool


class TrayOutcomeKind(StrEnum):
    DONE = "done"
    ALREADY = "already"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class TrayOutcome:
    """DONE, ALREADY (somebody was first; `item.state` says who), GONE (the books no longer show the issue)."""

    kind: TrayOutcomeKind
    item: TrayItem
    checking: bool = False  # a re-read of the record was ordered; the card is redrawn when it is back
