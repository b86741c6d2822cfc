"""Which bill is decided first and which invoice is chased first: points with their reasons, and a total order.

The weights are Runway's own rules. Each component is rounded half up to 0.1, so that the components shown add up to the
score shown. Text names facts (days, tiers, shares), never amounts: amounts are formatted where they are shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from calculators.inputs import ZERO, OpenBill, OpenInvoice, Tier, home_balance
from calculators.lateness import Lateness
from calculators.tiers import effective_tier

TENTH: Final = Decimal("0.1")
TIER_POINTS: Final = {Tier.MUST_PAY: 30, Tier.KEY: 15, Tier.CAN_WAIT: 0}
MANY: Final = 2048  # days, as a rule: thousands of records have few different ones
TIER_NAMES: Final = {Tier.MUST_PAY: "must pay", Tier.KEY: "key vendor", Tier.CAN_WAIT: "can wait"}


class Level(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Component:
    points: Decimal
    text: str


NOTHING: Final = Component(ZERO, "")


@dataclass(frozen=True, slots=True)
class Priority:
    """`score` is the sum of the components' points; those without points are left out."""

    record_id: str
    score: Decimal
    level: Level
    components: tuple[Component, ...]
    amount: Decimal
    due_date: date | None

    @property
    def rank(self) -> tuple[Decimal, Decimal, bool, date, str]:
        """Sorts ascending into the order people see: score, then amount, then due date (none last), then id."""
        return -self.score, -self.amount, self.due_date is None, self.due_date or date.max, self.record_id


def rank(priorities: Iterable[Priority]) -> list[Priority]:
    return sorted(priorities, key=lambda priority: priority.rank)


def level_of(score: Decimal) -> Level:
    if score >= 80:
        return Level.CRITICAL
    if score >= 60:
        return Level.HIGH
    return Level.MEDIUM if score >= 40 else Level.LOW


def prioritise_bill(bill: OpenBill, as_of: date, *, available: Decimal, currency: str) -> Priority:
    """`available` is the free cash in the home `currency`; without any, every bill is all of it."""
    amount = home_balance(bill, currency)
    components = (
        _bill_time(None if bill.due_date is None else (bill.due_date - as_of).days),
        _tier(effective_tier(bill), chosen=bool(bill.tier)),
        _discount(bill, as_of),
        _share_of_cash(amount, available),
    )
    return _priority(bill.id, amount, bill.due_date, components)


def prioritise_invoice(
    invoice: OpenInvoice, as_of: date, *, customers: Lateness, month_outflow: Decimal | None, currency: str
) -> Priority:
    """`month_outflow` is 30 days of gross burn; None when unknown, then size earns no points and the text says so."""
    amount = home_balance(invoice, currency)
    due = invoice.due_date or invoice.txn_date
    past_due = None if due is None else (as_of - due).days
    components = (
        _invoice_age(past_due),
        _share_of_outflow(amount, month_outflow),
        _beyond_usual(past_due, customers.days(invoice.customer_id)),
    )
    return _priority(invoice.id, amount, invoice.due_date, components)


def _priority(record_id: str, amount: Decimal, due: date | None, components: Iterable[Component]) -> Priority:
    kept = tuple([component for component in components if component.points or component.text])
    score = sum((component.points for component in kept), ZERO)
    return Priority(record_id, score, level_of(score), kept, amount, due)


def _points(points: Decimal | int, text: str) -> Component:
    rounded = Decimal(points).quantize(TENTH, ROUND_HALF_UP)
    return Component(rounded, text if rounded else "")


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


@lru_cache(MANY)
def _bill_time(days: int | None) -> Component:
    """`days` until it is due."""
    if days is None:
        return Component(ZERO, "no due date")
    if days < 0:
        return _points(min(50, 35 - days), f"{_days(-days)} overdue")
    text = "due today" if days == 0 else f"due in {_days(days)}"
    if days <= 3:
        return _points(30, text)
    if days <= 7:
        return _points(20, text)
    return _points(10 if days <= 14 else 0, text)


@lru_cache(MANY)
def _tier(tier: Tier | None, *, chosen: bool) -> Component:
    if tier is None:
        return Component(ZERO, "vendor without a tier")
    source = "" if chosen else ", suggested by its account"
    return _points(TIER_POINTS[tier], f"{TIER_NAMES[tier]}{source}")


def _discount(bill: OpenBill, as_of: date) -> Component:
    """One point more for each day less: 10 on the last day of the discount, 1 nine days before."""
    if bill.discount is None or bill.discount.until < as_of:
        return NOTHING
    left = (bill.discount.until - as_of).days
    when = "today" if left == 0 else f"in {_days(left)}"
    return _points(max(0, 10 - left), f"{bill.discount.percent.normalize():f} % discount ends {when}")


def _share_of_cash(amount: Decimal, available: Decimal) -> Component:
    share = min(Decimal(1), amount / available) if available > 0 else Decimal(1)
    return _points(10 * share, f"{_percent(share)} of available cash")


@lru_cache(MANY)
def _invoice_age(past_due: int | None) -> Component:
    if past_due is None:
        return Component(ZERO, "no due date")
    if past_due >= 1:
        return _points(min(Decimal(50), 15 + Decimal(past_due) / 2), f"{_days(past_due)} past due")
    text = "due today" if past_due == 0 else f"due in {_days(-past_due)}"
    return _points(5 if past_due >= -7 else 0, text)


def _share_of_outflow(amount: Decimal, month_outflow: Decimal | None) -> Component:
    if month_outflow is None:
        return Component(ZERO, "30-day outflow not known yet")
    share = min(Decimal(1), amount / month_outflow) if month_outflow > 0 else Decimal(1)
    return _points(30 * share, f"{_percent(share)} of a month's outflow")


@lru_cache(MANY)
def _beyond_usual(past_due: int | None, usual: int) -> Component:
    beyond = 0 if past_due is None or past_due < 1 else max(0, past_due - usual)
    return _points(min(20, beyond), f"{_days(beyond)} beyond this customer's usual")


def _percent(share: Decimal) -> str:
    whole = int((share * 100).quantize(Decimal(1), ROUND_HALF_UP))
    return f"{whole} %" if whole or not share else "under 1 %"
