"""At most three things an owner would want to be told unasked, in words, with the records behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

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


@dataclass(frozen=True, slots=True)
class InsightOrchestrator(BaseDataOrchestrator):
    async def list_insights(self, moved: RunwayChange | None) -> tuple[InsightLine, ...]:
        """Most pressing first; none where the projection is unknown."""
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
        return tuple(_line(one, desk) for one in found[:SHOWN])


def _line(one: Insight, desk: Desk) -> InsightLine:
    cited = (_cited(one.kind, id_, desk) for id_ in one.evidence if id_ != CASH_ITSELF)
    evidence = tuple(dict.fromkeys(cited))
    return InsightLine(one.kind, SENTENCES[one.kind](one, desk), one.number, evidence)


def _cited(kind: InsightKind, id_: str, desk: Desk) -> str:
    """The short name that a person can type; a payment that no record stands for yet is called what it is."""
    if kind in CITES:
        return ref_of(CITES[kind], id_).ref
    if id_ in desk.shelf.bills:
        return ref_of(RecordKind.BILL, id_).ref
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
        return f"Cash is below {bound} already, and with what is in the books ends up to {_money(one, desk)} below."
    return (
        f"These are the largest payments before cash falls below {bound} on {_day(one.on, desk)},"
        f" and then up to {_money(one, desk)} below."
    )


def _trough(one: Insight, desk: Desk) -> str:
    return f"{_money(one, desk)} must be paid on {_day(one.on, desk)}, when cash is tight."


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
