"""On which days this business pays, and when a bill leaves the bank under the plain rule."""

from datetime import date, timedelta

from calculators.inputs import CalculatorError, OpenBill, Policy


class NoPayDays(CalculatorError):
    """A policy without a single weekday to pay on."""

    def __init__(self) -> None:
        super().__init__("the policy names no pay day")


def next_pay_day(on: date, policy: Policy) -> date:
    """The first pay day on or after `on`: today's pay day still counts."""
    if not policy.pay_days:
        raise NoPayDays
    return on + timedelta(days=min((weekday - on.weekday()) % 7 for weekday in policy.pay_days))


def last_pay_day(on: date, policy: Policy) -> date:
    """The last pay day on or before `on`."""
    if not policy.pay_days:
        raise NoPayDays
    return on - timedelta(days=min((on.weekday() - weekday) % 7 for weekday in policy.pay_days))


def planned_date(bill: OpenBill, as_of: date, policy: Policy) -> date:
    """The decision's date, else max(due, next pay day); never before today.

    A hold ends on the first pay day from `held_until`. A bill without a due date is expected on the next pay day:
    the careful reading until somebody completes it.
    """
    return planned_from(bill, as_of, next_pay_day(as_of, policy), policy)


def planned_from(bill: OpenBill, as_of: date, upcoming: date, policy: Policy) -> date:
    """`planned_date` for callers with thousands of bills, who know the `upcoming` pay day already."""
    if bill.planned is not None:
        return max(bill.planned, as_of)
    if bill.held_until is not None:
        return max(upcoming, next_pay_day(bill.held_until, policy))
    return upcoming if bill.due_date is None else max(bill.due_date, upcoming)
