"""The best day to pay each open bill: on time and as late as that allows, discounts taken where they pay, floor kept.

What is minimised, in money: 0.05 % of a bill per day it is late (the usual 1.5 % a month), three times that for vendors
that must be paid and twice for key vendors, plus discounts given up. Cash at trend must stay above the floor on every
day it could; where the floor is lost whatever is done, above zero; bills count in full there, discounts or not. A bill
that fits on no day is an exception for people to decide, never silently late; in the sum it counts as paid 60 days
after the last day watched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from calculators.curve import Curve, draw_curve
from calculators.flows import FlowKind
from calculators.inputs import HORIZON_DAYS, ZERO, Books, OpenBill, Policy, Tier, cents, home_balance, required
from calculators.pay_days import last_pay_day, next_pay_day
from calculators.projection import Projection, View
from calculators.schedule import place
from calculators.tasks import Option, Task
from calculators.tiers import effective_tier

LATE_PER_DAY: Final = 5  # in 1/10,000 of the bill
TIER_WEIGHT: Final = {Tier.MUST_PAY: 3, Tier.KEY: 2, Tier.CAN_WAIT: 1}
REFUSAL_DAYS: Final = 60
YEAR: Final = 365


class PlanReason(StrEnum):
    """OVERDUE: late already, so the first pay day. POSTPONED: made late to keep the floor. NO_ROOM: no day fits."""

    ON_TIME = "on_time"
    DISCOUNT = "discount"
    OVERDUE = "overdue"
    POSTPONED = "postponed"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class PlannedPayment:
    """`pay_on` is None with NO_ROOM. `days_late` counts from the due date; `discount` is the money saved."""

    bill_id: str
    amount: Decimal
    pay_on: date | None
    reason: PlanReason
    days_late: int
    discount: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """Undecided bills due within the policy's window, by pay date; both views to `until` if the plan is followed.

    A view at trend above the floor with a committed one below it means: the plan fits if sales go on.
    """

    as_of: date
    until: date
    payments: tuple[PlannedPayment, ...]
    at_trend: Curve
    committed: Curve

    @property
    def exceptions(self) -> tuple[PlannedPayment, ...]:
        return tuple(one for one in self.payments if one.reason in (PlanReason.POSTPONED, PlanReason.NO_ROOM))

    def find_date(self, bill_id: str) -> date | None:
        return next((one.pay_on for one in self.payments if one.bill_id == bill_id), None)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A day a bill could be paid on; None is the refusal."""

    on: date | None
    cost: int
    discount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A bill to plan: `ideal` is the day to pay it if cash were no object, but for its discount."""

    bill: OpenBill
    amount: Decimal
    ideal: date
    choices: tuple[_Choice, ...]


def plan_payments(books: Books, projection: Projection) -> Plan:
    """Plans to the end of the window plus the floor's watch: 44 days by default."""
    policy, as_of = books.policy, projection.as_of
    until = as_of + timedelta(days=min(HORIZON_DAYS, max(7, policy.window_days + policy.floor_days)))
    bills = [bill for bill in required(books.bills, "bills") if _is_undecided(bill, as_of, policy)]
    candidates = [_candidate(bill, books, as_of, until) for bill in bills]
    payments = _schedule(candidates, _without(projection.at_trend, bills), until, policy.floor_cash)
    return Plan(
        as_of=as_of,
        until=until,
        payments=tuple(sorted(payments, key=lambda one: (one.pay_on or date.max, -one.amount, one.bill_id))),
        at_trend=_followed(projection.at_trend, bills, payments, until),
        committed=_followed(projection.committed, bills, payments, until),
    )


def _is_undecided(bill: OpenBill, as_of: date, policy: Policy) -> bool:
    due_soon = bill.due_date is None or bill.due_date <= as_of + timedelta(days=policy.window_days)
    return bill.planned is None and bill.held_until is None and bill.balance > 0 and due_soon


def _candidate(bill: OpenBill, books: Books, as_of: date, until: date) -> _Candidate:
    """Paid on the last pay day that is still on time; if none is left, on the due date itself, off the pay days."""
    upcoming = next_pay_day(as_of, books.policy)
    amount, due = home_balance(bill, books.currency), bill.due_date or upcoming
    ideal = upcoming if due < as_of else _last_chance(due, as_of, books.policy)
    days = [ideal, *_pay_days(max(ideal, as_of) + timedelta(days=1), until, books.policy)]
    if bill.discount is not None and as_of <= bill.discount.until < ideal and is_worthwhile(bill, ideal, books.policy):
        days.insert(0, _last_chance(bill.discount.until, as_of, books.policy))
    start = max(due, as_of)
    best = max(_saved(bill, amount, on) for on in days)
    weight = TIER_WEIGHT[effective_tier(bill) or Tier.CAN_WAIT] * LATE_PER_DAY
    last = until + timedelta(days=REFUSAL_DAYS)
    choices = [
        _Choice(on, _cost(amount, weight, start, on or last) + _points(best - saved), saved)
        for on in (*days, None)
        for saved in [_saved(bill, amount, on)]
    ]
    return _Candidate(bill, amount, ideal, tuple(sorted(choices, key=_by_cost)))


def is_worthwhile(bill: OpenBill, otherwise: date, policy: Policy) -> bool:
    """Whether paying by the discount's end instead of `otherwise` earns at least the policy's hurdle a year.

    The usual annualisation of trade credit: percent ÷ (100 - percent) × 365 ÷ days paid earlier.
    """
    if bill.discount is None:
        return False
    earlier = max(1, (otherwise - bill.discount.until).days)
    percent = bill.discount.percent
    return percent * YEAR * 100 >= policy.discount_hurdle * (100 - percent) * earlier


def _last_chance(limit: date, as_of: date, policy: Policy) -> date:
    pay_day = last_pay_day(limit, policy)
    return pay_day if pay_day >= as_of else limit


def _pay_days(first: date, until: date, policy: Policy) -> list[date]:
    days = (first + timedelta(days=offset) for offset in range((until - first).days + 1))
    return [day for day in days if day.weekday() in policy.pay_days]


def _saved(bill: OpenBill, amount: Decimal, on: date | None) -> Decimal:
    if bill.discount is None or on is None or on > bill.discount.until:
        return ZERO
    return cents(amount * bill.discount.percent / 100)


def _cost(amount: Decimal, weight: int, start: date, on: date) -> int:
    return _minor(amount) * weight * max(0, (on - start).days)


def _minor(amount: Decimal) -> int:
    """In cents."""
    return int(amount * 100)


def _points(amount: Decimal) -> int:
    """In 1/10,000 cents, the unit of costs."""
    return _minor(amount) * 10_000


def _by_cost(choice: _Choice) -> tuple[int, bool, int]:
    """Refusal last; of equally dear days the latest first: cash stays longest."""
    return choice.cost, choice.on is None, -(choice.on or date.max).toordinal()


def _schedule(candidates: Sequence[_Candidate], base: Curve, until: date, floor: Decimal) -> list[PlannedPayment]:
    days = sorted({choice.on for one in candidates for choice in one.choices if choice.on is not None})
    slots: dict[date | None, int | None] = {None: None} | {on: slot for slot, on in enumerate(days)}
    tasks = [
        Task(_minor(one.amount), tuple(Option(slots[choice.on], choice.cost) for choice in one.choices))
        for one in candidates
    ]
    placed = place(tasks, _room(base, until, floor, days, sum(task.amount for task in tasks)))
    return [
        _payment(one, one.choices[task.options.index(option)], base.as_of)
        for one, task, option in zip(candidates, tasks, placed, strict=True)
    ]


def _room(base: Curve, until: date, floor: Decimal, days: Sequence[date], everything: int) -> list[int]:
    """What may be paid in all up to each of `days`: the least headroom of that day and all watched days after it."""
    room: dict[date, int] = {}
    least = everything
    for index in range(base.index(until), -1, -1):
        balance = base.balances[index]
        if balance >= 0:
            least = min(least, _minor(balance - floor if balance >= floor else balance))
        room[base.day(index)] = least
    return [room[on] for on in days]


def _payment(one: _Candidate, choice: _Choice, as_of: date) -> PlannedPayment:
    due = one.bill.due_date
    late = 0 if choice.on is None or due is None else max(0, (choice.on - due).days)
    return PlannedPayment(one.bill.id, one.amount, choice.on, _reason(one, choice, as_of), late, choice.discount)


def _reason(one: _Candidate, choice: _Choice, as_of: date) -> PlanReason:
    if choice.on is None:
        return PlanReason.NO_ROOM
    if choice.on > one.ideal:
        return PlanReason.POSTPONED
    if choice.on < one.ideal:
        return PlanReason.DISCOUNT
    overdue = one.bill.due_date is not None and one.bill.due_date < as_of
    return PlanReason.OVERDUE if overdue else PlanReason.ON_TIME


def _without(view: View, bills: Iterable[OpenBill]) -> Curve:
    gone = {bill.id for bill in bills}
    kept = ((flow.on, flow.amount) for flow in view.flows if flow.kind is not FlowKind.BILL or flow.ref not in gone)
    return draw_curve(view.curve.as_of, view.opening, kept)


def _followed(view: View, bills: Iterable[OpenBill], payments: Iterable[PlannedPayment], until: date) -> Curve:
    base = _without(view, bills)
    paid = draw_curve(base.as_of, ZERO, ((one.pay_on, one.discount - one.amount) for one in payments if one.pay_on))
    both = zip(base.balances, paid.balances, strict=True)
    return Curve(base.as_of, tuple(before + change for before, change in both)[: base.index(until) + 1])
