"""The weekly answer to three questions: are we okay, what changed, what needs a person."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from calculators.runway import Status
from domains.decisions import Phase
from kit.money import Money
from orchestrators.results.basis import Condition, Health, RecordRef
from orchestrators.results.console import BillCard, InvoiceCard, Voice
from orchestrators.results.forecast import Outlook
from orchestrators.results.headline import CashLine, DeskCounts, LowWater, RunwayLine
from orchestrators.results.tray import TrayItem


class Trigger(StrEnum):
    """Why this digest was built; the heading says it."""

    WEEKLY = "weekly"
    TEST_DRIVE = "test_drive"
    ONBOARDING = "onboarding"


class Audience(StrEnum):
    OWNER_DM = "owner_dm"
    TEAM_CHANNEL = "team_channel"


class Variant(StrEnum):
    A = "A"
    B = "B"


class DigestAct(StrEnum):
    TRAY = "tray"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A local ISO week of the business. `str()` is the key under which it is stored: "2026-W48"."""

    year: int
    week: int

    @classmethod
    def of(cls, day: date) -> "Period":
        year, week, _ = day.isocalendar()
        return cls(year, week)

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.week, 1)

    def __str__(self) -> str:
        return f"{self.year}-W{self.week:02d}"


class VerdictKind(StrEnum):
    """From worst to best.

    BELOW_ZERO   the projection crosses zero on `on`; `amount` is the lowest balance
    BELOW_FLOOR  it crosses the floor on `on`; `amount` is how far below the floor it goes
    THIN         no breach in 13 weeks, but the status is critical or warning; `amount` is the cushion above the floor
    COVERED      no breach; `amount` is the cushion above the floor at the low point, `on` the day of that low point
    UNKNOWN      `why` says what is missing
    """

    BELOW_ZERO = "below_zero"
    BELOW_FLOOR = "below_floor"
    THIN = "thin"
    COVERED = "covered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind`, `on` and `amount` count what stands in the books or was announced, and nothing else.

    `expected_low` is the lowest balance of the 13 weeks when sales and bills go on at the pace of the last 91 days: a
    shop that sells over the counter has no open invoices, and is not out of cash for that.
    """

    kind: VerdictKind
    status: Status
    on: date | None
    amount: Money | None
    why: Condition | None
    expected_low: Money | None = None


class MoveKind(StrEnum):
    """What moved the runway since last week.

    OTHER: owner draws and contributions, loans, transfers; APPROVALS: bills approved since, less those seen paid;
    SET_ASIDE: money put aside or released; RESTATED: the books of the past were changed; PACE: the burn rate itself.
    """

    RECEIPTS = "receipts"
    PAYMENTS = "payments"
    OTHER = "other"
    APPROVALS = "approvals"
    NEW_BILLS = "new_bills"
    RESTATED = "restated"
    SET_ASIDE = "set_aside"
    PACE = "pace"


@dataclass(frozen=True, slots=True)
class Move:
    """One cause. `amount` is signed as cash feels it (+ = more available); None for PACE.

    `days` is its signed share of the change of `runway_without_receipts`; the days of all moves add up to that change.
    None when either runway is unknown or unbounded. NEW_BILLS has no days: a bill counts once it is approved or paid.
    """

    kind: MoveKind
    amount: Money | None
    days: Decimal | None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Variance:
    """Against the last stored digest, `since` its period. `runway_days` is the total of the moves' days."""

    since: Period
    since_day: date
    runway_days: Decimal | None
    available: Money
    low_water: Money | None
    data_quality: int | None
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One week as it was told then, oldest first in a series."""

    period: Period
    on: date
    available: Money | None
    runway: Decimal | None
    low_water: Money | None
    data_quality: int | None


@dataclass(frozen=True, slots=True)
class Chase:
    """An invoice and the person who should call (Slack id): whoever chased it last, else an advisor, else an owner."""

    card: InvoiceCard
    who: str | None


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A decision of the window: APPROVED, HANDED_OFF, HELD, REJECTED …, and what was seen of it in QuickBooks.

    `voices` are the yeses that an approval stands on.
    """

    record: RecordRef
    vendor: str
    balance: Money
    phase: Phase
    by: str | None
    at: datetime | None
    pay_on: date | None
    seen_paid_on: date | None
    voices: tuple[Voice, ...] = ()
    held_until: date | None = None


@dataclass(frozen=True, slots=True)
class InsightLine:
    """Deterministic. `text` holds vendors' names: escape it. `evidence` are references ("B-145", "customer 12")."""

    kind: str
    text: str
    number: Decimal
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GradeLine:
    """How past projections turned out: `error_4_weeks` is a share (0.06 = 6 %), the band held `held` of `graded`."""

    graded: int
    held: int
    error_4_weeks: Decimal | None


@dataclass(frozen=True, slots=True)
class Revision:
    """The post was brought up to date on request: when, by whom (Slack id), and when it was first posted."""

    at: datetime
    by: str
    first_posted: datetime


@dataclass(frozen=True, slots=True)
class DigestResult:
    """All of one digest. Lists are capped for display; `counts`, `issues_total` … are never.

    quiet          nothing new since last week: one line (verdict, freshness)
    stale          older than the hard limit: the staleness line comes first
    late           posted after its hour because nobody was running then: say so; `due` is the hour it was due
    amounts        False: no amount may be written (the channel was not allowed to see them)
    variance       None: there is no earlier digest to compare with; Condition: not comparable
    trend          empty when the config shows no history
    acts           empty when the config shows none (test drive)
    audit_head     hex of the newest audit entry: printed small at the end, so that a cut-off log shows
    """

    trigger: Trigger
    preview: bool
    audience: Audience
    variant: Variant | None
    amounts: bool
    business_name: str
    period: Period
    due: datetime | None
    late: bool
    quiet: bool
    stale: bool
    health: Health
    verdict: Verdict
    cash: CashLine | Condition
    runway: RunwayLine | Condition
    low_water: LowWater | Condition
    outlook: Outlook | Condition
    data_quality: int | None
    counts: DeskCounts
    variance: Variance | Condition | None
    trend: tuple[TrendPoint, ...]
    issues: tuple[TrayItem, ...]
    issues_total: int
    decisions: tuple[BillCard, ...]
    decisions_total: int
    chase: tuple[Chase, ...]
    chase_total: int
    decided: tuple[DecidedLine, ...]
    insights: tuple[InsightLine, ...]
    grade: GradeLine | None
    acts: tuple[DigestAct, ...]
    audit_head: str | None
    revision: Revision | None = None
