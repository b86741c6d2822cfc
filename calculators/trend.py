"""Cash that no record announces yet, from the pace of the last 91 days: the daily remainder and the view at trend.

Steady state is the test of the method: once today's open documents are through, the new ones must carry the whole pace.
Money through documents therefore starts slowly: a document issued tomorrow moves cash only after the usual delay, so on
day k the pace counts with the share of settled money that historically came within k days of issue.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from calculators.baseline import Series
from calculators.flows import Flow, FlowKind
from calculators.inputs import HORIZON_DAYS, ZERO, Movement, cents, spread
from calculators.runway import Burn


@dataclass(frozen=True, slots=True)
class Pace:
    """A signed total over the `days` of the burn window and the movements that add up to it."""

    total: Decimal
    days: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Irregular:
    """What the series leave of the window's burn and cash in; with the series' own movements they add up to both."""

    spent: Pace
    billed: Pace
    sold: Pace
    collected: Pace


def split_irregular(burn: Burn, series: Iterable[Series]) -> Irregular:
    regular = {id_ for one in series for id_ in one.movement_ids}
    spent = [movement for movement in burn.spent if movement.id not in regular]
    received = [movement for movement in burn.received if movement.id not in regular]
    return Irregular(
        spent=_pace([movement for movement in spent if not movement.settles_document], burn.days),
        billed=_pace([movement for movement in spent if movement.settles_document], burn.days),
        sold=_pace([movement for movement in received if not movement.settles_document], burn.days),
        collected=_pace([movement for movement in received if movement.settles_document], burn.days),
    )


def _pace(movements: Sequence[Movement], days: int) -> Pace:
    total = sum([movement.amount for movement in movements], ZERO)
    return Pace(total, days, tuple([movement.id for movement in movements]))


def daily_flows(kind: FlowKind, label: str, pace: Pace, as_of: date) -> Iterator[Flow]:
    """The pace on every day from tomorrow on, in cents that add up to 91 days of it."""
    if pace.total:
        yield from _dated(kind, label, spread(cents(pace.total * HORIZON_DAYS / pace.days), HORIZON_DAYS), as_of)


def ramped_flows(kind: FlowKind, label: str, pace: Pace, shares: Sequence[Decimal], as_of: date) -> Iterator[Flow]:
    """The pace, on day k only the share `shares[k - 1]` of it that documents issued from tomorrow on can bring."""
    if pace.total:
        amounts = [cents(pace.total * shares[day] / pace.days) for day in range(HORIZON_DAYS)]
        yield from _dated(kind, label, amounts, as_of)


def _dated(kind: FlowKind, label: str, amounts: Sequence[Decimal], as_of: date) -> Iterator[Flow]:
    for day, amount in enumerate(amounts, start=1):
        if amount:
            yield Flow(kind, kind.value, label, as_of + timedelta(days=day), amount)
