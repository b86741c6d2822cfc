"""The decision console: complete, trustworthy bills and invoices, ranked, with the cash effect of each choice."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domains.decisions import Phase
from domains.issues.catalogue import IssueCode
from kit.money import Money
from orchestrators.results.basis import Change, Condition, Health, Page, RecordRef
from orchestrators.results.headline import CashLine, DeskCounts, LowWater


class CardAct(StrEnum):
    """APPROVE_ANYWAY asks a reason; CONFIRM is the second approver's; CHASE belongs to invoices."""

    APPROVE = "approve"
    APPROVE_ANYWAY = "approve_anyway"
    CONFIRM = "confirm"
    PROPOSE = "propose"
    HOLD = "hold"
    REJECT = "reject"
    CANCEL = "cancel"
    UNDO = "undo"
    CHASE = "chase"


class Choice(StrEnum):
    PAY_NOW = "pay_now"
    BEST_DATE = "best_date"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Effect:
    """The projection if this choice is made. `on` is the pay date, for HOLD the first pay day after it.

    `cash_after` is the projected balance at the end of `on`.
    `breach`: the floor guardrail would stop a plain approval of this choice.
    """

    choice: Choice
    on: date
    low_water: Money
    low_water_on: date
    first_below_floor: date | None
    cash_after: Money
    breach: bool


@dataclass(frozen=True, slots=True)
class PriorityLine:
    """`reasons` are sentences whose points add up to `score`; `level` is the calculators' word (urgent, high, …)."""

    score: Decimal
    level: str
    reasons: tuple[str, ...]


class Standing(StrEnum):
    """Where an open bill is in the partition; CLOSED: it is not open any more."""

    READY = "ready"
    BLOCKED = "blocked"
    DECIDED = "decided"
    BEYOND = "beyond"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Voice:
    """One approver's yes. `on_behalf_of` names the owner whose delegation was used."""

    by: str
    at: datetime
    on_behalf_of: str | None


@dataclass(frozen=True, slots=True)
class CardState:
    """All that a card's text may say about what was decided. `phase` None: no decision yet (see `standing`).

    pay_on       PROPOSED, APPROVED, HANDED_OFF: to be paid by
    held_until   HELD
    reason       REJECTED, HELD, MISMATCH, EXPIRED, and an approval below the floor
    waiting_for  PROPOSED: Slack ids of those who can complete it; `needs` says what is asked
    seen_paid_on, seen_amount   VERIFIED, MISMATCH: what QuickBooks shows
    """

    standing: Standing
    phase: Phase | None = None
    decision_id: str | None = None
    reference: str | None = None
    by: str | None = None
    at: datetime | None = None
    voices: tuple[Voice, ...] = ()
    pay_on: date | None = None
    held_until: date | None = None
    reason: str | None = None
    waiting_for: tuple[str, ...] = ()
    needs: str | None = None
    seen_paid_on: date | None = None
    seen_amount: Money | None = None
    blocked_by: tuple[IssueCode, ...] = ()


@dataclass(frozen=True, slots=True)
class BillCard:
    """`version` is what a button carries: it changes when a judged field of the bill or the guardrail's answer does.

    `balance` is the open balance in the bill's own currency, `home_balance` the same in the business's.
    `effects` is a condition when the projection is unknown; nothing can be approved against an unknown projection
    without the owner's reason. `pay_on` is the day that approving means unless another is chosen (the best date),
    `breach` whether the floor guardrail stops a plain approval of it. `acts` are those open to the caller; `why_not`
    names who can do what is missing, or whose yes is needed beside the caller's. `also` is what waits in the tray about
    this bill and stops no decision.
    """

    record: RecordRef
    version: str
    vendor: str
    doc_number: str | None
    balance: Money
    home_balance: Money | Condition
    due: date | None
    days_overdue: int
    tier: int | None
    tier_suggested: bool
    priority: PriorityLine | None
    effects: tuple[Effect, ...] | Condition
    pay_on: date
    breach: bool
    state: CardState
    acts: tuple[CardAct, ...]
    why_not: str | None
    also: tuple[IssueCode, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceCard:
    """`collect`: at least 30 days past due or a significant amount. `usual_days_late`: this customer's own median.

    `also` is what waits in the tray about this invoice and stops nobody from chasing it.
    """

    record: RecordRef
    version: str
    customer: str
    doc_number: str | None
    balance: Money
    home_balance: Money | Condition
    due: date | None
    days_past_due: int
    usual_days_late: int | None
    collect: bool
    email: str | None
    priority: PriorityLine | None
    chased_by: str | None
    chased_at: datetime | None
    acts: tuple[CardAct, ...]
    also: tuple[IssueCode, ...] = ()


class Narrow(StrEnum):
    ALL = "all"
    BILLS = "bills"
    INVOICES = "invoices"


class ReadOnly(StrEnum):
    """Why nothing can be decided now."""

    STALE_BOOKS = "stale_books"
    NEVER_SYNCED = "never_synced"
    NOT_CONNECTED = "not_connected"
    LOCKED_OUT = "locked_out"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One bill of the accepted-in-one-go plan; exceptions are the bills a person unticks."""

    record: RecordRef
    version: str
    vendor: str
    balance: Money
    due: date | None
    pay_on: date
    late: bool
    discount: Money | None


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The planner's dates for the ready bills. `version` changes with any line; `low_water` is with the plan kept."""

    version: str
    lines: tuple[PlanLine, ...]
    low_water: LowWater
    keeps_floor: bool
    total: Money


@dataclass(frozen=True, slots=True)
class ConsoleResult:
    """One page of cards in the console's total order: bills and invoices are ranked apart, bills first.

    `waiting` are proposals that another approver must confirm; they count as decided and stand on no page.
    """

    health: Health
    narrow: Narrow
    cards: tuple[BillCard | InvoiceCard, ...]
    page: Page
    counts: DeskCounts
    cash: CashLine | Condition
    low_water: LowWater | Condition
    read_only: ReadOnly | None
    plan: PlanResult | Condition | None
    waiting: tuple[BillCard, ...] = ()


class OutcomeKind(StrEnum):
    """How a click ended.

    DECIDED          it is as the person asked; `state` is the new state
    WAITING          recorded, another approver must speak (`state.waiting_for`, `state.needs`)
    ALREADY          somebody was first, or this is a second click: `state` says who, what and when
    OUTDATED         the bill or the answer changed since the card was drawn: nothing decided, `changes` old → new
    NEEDS_REASON     the guardrail would be breached: ask a reason (owner only), nothing decided
    CHECKING         the books are too old: the record is re-read first, then the same approval is run again
    """

    DECIDED = "decided"
    WAITING = "waiting"
    ALREADY = "already"
    OUTDATED = "outdated"
    NEEDS_REASON = "needs_reason"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """What came of a click. `card` is drawn afresh from the state row."""

    kind: OutcomeKind
    card: BillCard | InvoiceCard
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanRefusal:
    """A line of the plan that could not be approved, and the sentence that says why."""

    record: RecordRef
    sentence: str


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """One answer per accepted line, in the plan's order."""

    lines: tuple[DecisionOutcome | PlanRefusal, ...]

    @property
    def decided(self) -> int:
        return sum(isinstance(one, DecisionOutcome) and one.kind is OutcomeKind.DECIDED for one in self.lines)
