"""The 13-week projection as people read it: a line with a band, marks, assumptions, and the rows behind any figure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from kit.money import Money
from orchestrators.results.basis import Condition, Health, Page, RecordRef
from orchestrators.results.headline import CashLine, LowWater, RunwayLine


class Figure(StrEnum):
    """What "Why?" can be asked about."""

    CASH_BOOK = "cash_book"
    AVAILABLE = "available"
    GROSS_BURN = "gross_burn"
    CASH_IN = "cash_in"
    NET_BURN = "net_burn"
    RUNWAY_WITHOUT_RECEIPTS = "runway_without_receipts"
    RUNWAY_AT_TREND = "runway_at_trend"
    LOW_WATER = "low_water"
    END_OF_WEEK = "end_of_week"
    IN_2_WEEKS = "in_2_weeks"
    IN_4_WEEKS = "in_4_weeks"
    IN_8_WEEKS = "in_8_weeks"
    IN_13_WEEKS = "in_13_weeks"
    OPEN_BILLS = "open_bills"
    OPEN_INVOICES = "open_invoices"
    DATA_QUALITY = "data_quality"


@dataclass(frozen=True, slots=True)
class Point:
    """End of one day, seen in two ways.

    `committed` counts what stands in the books or was announced, `expected` also what usually
    comes on top at the pace of the last 91 days. The band, where 80 % of outcomes are expected, is around `expected`.
    """

    on: date
    committed: Money
    expected: Money
    low: Money
    high: Money


@dataclass(frozen=True, slots=True)
class Mark:
    """A row of the table. `flow_in` and `flow_out` are committed flows since the mark before, both positive."""

    figure: Figure
    on: date
    committed: Money
    expected: Money
    low: Money
    high: Money
    flow_in: Money
    flow_out: Money


@dataclass(frozen=True, slots=True)
class Assumption:
    """One of the five largest. `amount` is how much of the projection rests on it over the 13 weeks, signed."""

    text: str
    amount: Money
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """`points` has 92 days, today first. `low_water` is the lowest of the committed balances."""

    points: tuple[Point, ...]
    marks: tuple[Mark, ...]
    low_water: LowWater
    assumptions: tuple[Assumption, ...]


@dataclass(frozen=True, slots=True)
class ForecastResult:
    health: Health
    cash: CashLine | Condition
    runway: RunwayLine | Condition
    outlook: Outlook | Condition
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class WhyRow:
    """`amount` is the row's share of the total; None for a row that explains without adding (a rule's input)."""

    label: str
    on: date | None
    amount: Money | None
    record: RecordRef | None


@dataclass(frozen=True, slots=True)
class WhyResult:
    """The rows of one page; all rows of all pages add up to `total`. `number` is for figures that are not money."""

    figure: Figure
    total: Money | None
    number: Decimal | None
    rule: str
    as_of: date
    synced_at: datetime | None
    rows: tuple[WhyRow, ...]
    page: Page
    unknown: Condition | None
