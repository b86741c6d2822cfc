"""At most three things an owner would want to be told unasked, in words, with the records behind them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from calculators.flows import Flow, FlowKind
from calculators.habits import Habits
from calculators.insights import CASH_ITSELF, Insight, InsightKind, find_insights
from calculators.projection import Projection
from calculators.variance import RunwayChange
from domains.accounts import CashRole
from domains.issues.catalogue import RecordKind
from kit.clock import format_date
from kit.money import Money, format_money
from orchestrators.base import BaseDataOrchestrator
from orchestrators.desk import Desk
from orchestrators.references import ref_of
from orchestrators.results.digest import InsightLine

SHOWN = 3
LARGEST = "Largest payments until then:"


@dataclass(frozen=True, slots=True)
class InsightOrchestrator(BaseDataOrchestrator):
    async def list_insights(self, moved: RunwayChange | None) -> tuple[InsightLine, ...]:
        """Most pressing first, one of each kind; none where the projection is unknown.

        At most three beside the runway that moved: the digest tells that one in full, by its causes.
        """
        desk = await self.load()
        projection, habits = desk.reckoning.projection, desk.reckoning.habits
        if not isinstance(projection, Projection) or not isinstance(habits, Habits):
            return ()
        postings = {
            one.account_id: one.last_posting
            for one in desk.shelf.balances.of(CashRole.BANK)
            if one.last_posting is not None
        }
        found = find_insights(desk.reckoning.books, habits, projection, moved=moved, last_postings=postings)
        kinds = {kind: list(group) for kind, group in groupby(found, key=lambda one: one.kind)}
        beside = [kind for kind in kinds if kind is not InsightKind.RUNWAY_MOVED]
        return tuple(_line(group, desk) for kind, group in kinds.items() if kind not in beside[SHOWN:])


def _line(group: Sequence[Insight], desk: Desk) -> InsightLine:
    """All of one kind: the first in full, the others counted."""
    one, others = group[0], len(group) - 1
    cited = (_cited(one.kind, id_, desk) for id_ in one.evidence if id_ != CASH_ITSELF)
    evidence = tuple(dict.fromkeys(cited))
    words = SENTENCES[one.kind](one, desk)
    if others:
        single, several = MORE[one.kind]
        words = f"{words.removesuffix('.')}; {single if others == 1 else several.format(others)}."
    return InsightLine(one.kind, words, one.number, evidence)


MORE: Mapping[InsightKind, tuple[str, str]] = {
    InsightKind.MUST_PAY_IN_TROUGH: ("1 more day is like that", "{} more days are like that"),
    InsightKind.BOOKS_STALE: ("1 more account is behind", "{} more accounts are behind"),
    InsightKind.CUSTOMER_SLOW: ("1 more customer is much later than usual", "{} more are much later than usual"),
    InsightKind.CUSTOMER_CONCENTRATION: ("one more owes 40 % or more", "{} more owe 40 % or more"),
    InsightKind.BILL_BURST: ("1 more vendor sent as many", "{} more vendors sent as many"),
}


def _cited(kind: InsightKind, id_: str, desk: Desk) -> str:
    """The short name that a person can type; a payment that no record stands for yet is called what it is."""
    if kind in CITES:
        return ref_of(CITES[kind], id_).ref
    if id_ in desk.shelf.bills:
        return f"{desk.shelf.bills[id_].vendor_name or ''} {ref_of(RecordKind.BILL, id_).ref}".lstrip()
    projection = desk.reckoning.projection
    flows = projection.committed.flows if isinstance(projection, Projection) else ()
    return next((flow.label for flow in flows if flow.ref == id_), id_)


CITES: Mapping[InsightKind, RecordKind] = {
    InsightKind.MUST_PAY_IN_TROUGH: RecordKind.BILL,
    InsightKind.BILL_BURST: RecordKind.BILL,
    InsightKind.CUSTOMER_SLOW: RecordKind.INVOICE,
    InsightKind.CUSTOMER_CONCENTRATION: RecordKind.INVOICE,
    InsightKind.BOOKS_STALE: RecordKind.ACCOUNT,
}


def _day(on: date | None, desk: Desk) -> str:
    return format_date(on or desk.today, desk.today)


def _money(one: Insight, desk: Desk) -> str:
    return format_money(Money(one.number, desk.currency))


def _breach(one: Insight, desk: Desk) -> str:
    """The verdict has told the day already: this names what leads there."""
    bound = "the floor" if desk.rules.floor_cash else "zero"
    if one.evidence == (CASH_ITSELF,):
        return f"Cash is below {bound} already; with what is in the books by up to {_money(one, desk)}."
    depth = "" if _holds_at_trend(desk) else f", by up to {_money(one, desk)}"
    falls = f"With what is in the books cash falls below {bound} on {_day(one.on, desk)}{depth}"
    return f"{falls}{_but_for_overdue(one, desk)}. {LARGEST}"


def _but_for_overdue(one: Insight, desk: Desk) -> str:
    """Overdue bills count as paid on the next pay day; where they alone break the floor, leaving them is a choice."""
    projection = desk.reckoning.projection
    flows = projection.committed.flows if isinstance(projection, Projection) else ()
    last = one.on or desk.today
    overdue = [flow for flow in flows if flow.kind is FlowKind.BILL and flow.on <= last and _is_overdue(flow, desk)]
    total = -sum((flow.amount for flow in overdue), Decimal(0))
    if total < one.number:
        return ""
    return f"; it would not without {format_money(Money(total, desk.currency))} of overdue bills"


def _is_overdue(flow: Flow, desk: Desk) -> bool:
    return flow.due is not None and flow.due < desk.today


def _holds_at_trend(desk: Desk) -> bool:
    """Then the depth alarms without reason: it is what 13 weeks without any new sale would do."""
    projection = desk.reckoning.projection
    return isinstance(projection, Projection) and projection.at_trend.first_below_floor is None


def _trough(one: Insight, desk: Desk) -> str:
    vendors = dict.fromkeys(desk.shelf.bills[id_].vendor_name or "" for id_ in one.evidence)
    to = f" to {next(iter(vendors))}" if len(vendors) == 1 and any(vendors) else ""
    return f"{_money(one, desk)} must be paid{to} on {_day(one.on, desk)}, when cash is tight."


def _moved(one: Insight, _desk: Desk) -> str:
    direction = "longer" if one.number > 0 else "shorter"
    return f"Runway is {abs(one.number):.0f} days {direction} than at the last digest."


def _stale(one: Insight, desk: Desk) -> str:
    names = {account.account_id: account.name for account in desk.shelf.balances.accounts}
    name = names.get(one.evidence[0], one.evidence[0])
    return f"Nothing was posted to {name} for {one.number:.0f} days: its balance may be old."


def _slow(one: Insight, _desk: Desk) -> str:
    return f"{_who(one)} is {one.number:.0f} days later than usual."


def _concentrated(one: Insight, _desk: Desk) -> str:
    return f"{_who(one)} owes {one.number:.0f} % of all receivables."


def _burst(one: Insight, _desk: Desk) -> str:
    return f"{_who(one)} sent {one.number:.0f} bills within seven days."


def _who(one: Insight) -> str:
    return one.label or "Somebody without a name"


SENTENCES: Mapping[InsightKind, Callable[[Insight, Desk], str]] = {
    InsightKind.FLOOR_BREACH: _breach,
    InsightKind.MUST_PAY_IN_TROUGH: _trough,
    InsightKind.RUNWAY_MOVED: _moved,
    InsightKind.BOOKS_STALE: _stale,
    InsightKind.CUSTOMER_SLOW: _slow,
    InsightKind.CUSTOMER_CONCENTRATION: _concentrated,
    InsightKind.BILL_BURST: _burst,
}
