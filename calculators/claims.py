"""Which expected occurrence of a series is already in the books under another name, so that it is not counted again."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from calculators.baseline import Series
from calculators.cadence import RHYTHMS, next_dates

AMOUNT_TOLERANCE: Final = Decimal("0.05")
NAMELESS_REACH: Final = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """An open bill or a known item, dated as the flow it stands for would show up in the movements; signed.

    `categories` are the accounts a bill posts to; None for a known item, of which nobody says what it is for.
    """

    id: str
    on: date
    amount: Decimal
    party_id: str | None
    label: str
    categories: frozenset[str] | None = None


def expected_dates(
    series: Iterable[Series], claims: Iterable[Claim], as_of: date, end: date
) -> Mapping[str, tuple[date, ...]]:
    """Per series key the dates after `as_of` still to come, less those a claim stands for. A claim stands for one."""
    index = _Index(claims)
    used: set[str] = set()
    result: dict[str, tuple[date, ...]] = {}
    for one in series:
        dates = next_dates(one.cadence, one.dates, as_of, end)
        for claim in index.candidates(one):
            match = _nearest(dates, claim, _reach(one, claim))
            if match is not None and claim.id not in used:
                used.add(claim.id)
                dates.remove(match)
        result[one.key] = tuple(dates)
    return result


class _Index:
    """Claims by name and by size: thousands of bills are not compared with every series."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._by_name: dict[str, list[Claim]] = defaultdict(list)
        self._by_amount = sorted(claims, key=lambda claim: (claim.amount, claim.on, claim.id))
        self._amounts = [claim.amount for claim in self._by_amount]
        for claim in self._by_amount:
            self._by_name[f"label:{claim.label.casefold()}"].append(claim)
            if claim.party_id is not None:
                self._by_name[f"party:{claim.party_id}"].append(claim)

    def candidates(self, series: Series) -> list[Claim]:
        slack = abs(series.amount) * AMOUNT_TOLERANCE
        low = bisect_left(self._amounts, series.amount - slack)
        high = bisect_right(self._amounts, series.amount + slack)
        found = {
            claim.id: claim
            for claims in (
                self._by_name.get(f"party:{series.party_id}", ()),
                self._by_name.get(f"label:{series.label.casefold()}", ()),
                self._by_amount[low:high],
            )
            for claim in claims
        }
        return sorted(found.values(), key=lambda claim: (claim.on, claim.id))


def _nearest(dates: list[date], claim: Claim, reach: int) -> date | None:
    near = [day for day in dates if abs((day - claim.on).days) <= reach]
    return min(near, key=lambda day: (abs(day - claim.on), day), default=None)


def _reach(series: Series, claim: Claim) -> int:
    """Days around a claim in which an occurrence is the same flow; -1 when it is another one.

    The same counterparty or name, for between half and twice the usual amount: half the rhythm. Where one of the two is
    unknown an amount within 5 % is enough, but only within 5 days, and of a bill only for its own category: among many
    bills one is always about as large as the payroll, and payroll must not be missing for it.
    """
    if (claim.amount < 0) is not (series.amount < 0):
        return -1
    half = RHYTHMS[series.cadence].typical // 2
    if series.party_id is not None and claim.party_id is not None and series.party_id != claim.party_id:
        return -1
    same_party = series.party_id is not None and claim.party_id == series.party_id
    if same_party or claim.label.casefold() == series.label.casefold():
        return half if abs(series.amount) <= 2 * abs(claim.amount) <= 4 * abs(series.amount) else -1
    close = abs(claim.amount - series.amount) <= abs(series.amount) * AMOUNT_TOLERANCE
    return min(half, NAMELESS_REACH) if close and _may_be(series, claim) else -1


def _may_be(series: Series, claim: Claim) -> bool:
    """A series without a counterparty is called by its category, a sub-account by its own name."""
    if series.party_id is not None or claim.categories is None:
        return True
    return any(name.rpartition(":")[2].casefold() == series.label.casefold() for name in claim.categories)
