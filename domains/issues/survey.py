"""All issues of a business, and the total order in which people meet them."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from domains.issues.catalogue import Issue
from domains.issues.documents import judge_bill, judge_invoice
from domains.issues.duplicates import find_duplicates
from domains.issues.ledger import Ledger
from domains.issues.surroundings import judge_accounts, judge_mirror, judge_unapplied, judge_vendors

SOON = timedelta(days=7)


def survey(ledger: Ledger) -> tuple[Issue, ...]:
    """Every issue, one per (record, code), in no particular order."""
    found: list[Issue] = []
    for bill in ledger.bills:
        found += judge_bill(bill, ledger)
    for invoice in ledger.invoices:
        found += judge_invoice(invoice, ledger)
    found += find_duplicates(ledger)
    found += judge_unapplied(ledger)
    found += judge_vendors(ledger)
    found += judge_accounts(ledger)
    found += judge_mirror(ledger)
    return tuple(found)


def score(issue: Issue, *, available: Decimal | None, today: date) -> int:
    """Severity, up to 15 for money against available cash, 5 when overdue or due within 7 days; halves up.

    Without available cash any amount is all of it; with unknown cash money earns nothing.
    """
    soon = issue.due is not None and issue.due <= today + SOON
    points = issue.severity.score + _money_points(issue.at_stake, available) + (5 if soon else 0)
    return int(points.quantize(Decimal(1), ROUND_HALF_UP))


def _money_points(amount: Decimal | None, available: Decimal | None) -> Decimal:
    if not amount or available is None:
        return Decimal(0)
    return 15 * min(Decimal(1), amount / available) if available > 0 else Decimal(15)


def ranked(issues: Iterable[Issue], *, available: Decimal | None, today: date) -> list[tuple[Issue, int]]:
    """By score, amount, due date, id: a total order, the same on every run."""
    scored = [(issue, score(issue, available=available, today=today)) for issue in issues]
    return sorted(scored, key=_order)


def _order(pair: tuple[Issue, int]) -> tuple[object, ...]:
    issue, points = pair
    key = issue.key
    return -points, -(issue.at_stake or Decimal(0)), issue.due or date.max, key.kind, len(key.qbo_id), key, issue.code
