"""When the money of an open invoice is likely to arrive, also of one that should have been paid long ago."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from calculators.bank_days import nearest_bank_day
from calculators.lateness import PRIOR_OBSERVATIONS, Lateness, later

THIRDS: Final = 3
MIDDLES: Final = (1, 3, 5)  # sixths: the middle of each third


def list_arrivals(lateness: Lateness, party_id: str | None, due: date, as_of: date, currency: str) -> list[date]:
    """Three bank days in rising order, tomorrow at the earliest: as likely one as the other."""
    tomorrow = as_of + timedelta(days=1)
    cases = likely_lateness(lateness, party_id, (as_of - due).days)
    likely = (max(tomorrow, later(due, late)) for late in cases)
    return [nearest_bank_day(on, currency, earliest=tomorrow) for on in likely]


def likely_lateness(lateness: Lateness, party_id: str | None, waited: int) -> list[int]:
    """Early, middle and late case of the days from due date to payment of what is open `waited` days past due.

    Whatever was settled sooner says nothing about it and is left out. The party's own observations that remain count
    one each, and everybody's scatter around this party's median counts as 4 more (shrinkage as in `Lateness`). The
    fewer remain of that, the more of the 4 falls to what holds without experience: before the due date the usual
    lateness, after it as long again with probability one half and in general t ÷ (t + waited) within t days more (the
    Copernican estimate: Gott, Nature 363, 1993, 315-319).
    """
    usual = lateness.days(party_id)
    own = lateness.observed.get(party_id, ()) if party_id is not None else ()
    count, own_cases = _thirds_beyond(waited, own)
    known, other_cases = _thirds_beyond(waited - usual, lateness.scatter)
    assumed = PRIOR_OBSERVATIONS
    weighed = [(late, count * (known + assumed)) for late in own_cases]
    weighed += [(usual + late, PRIOR_OBSERVATIONS * known) for late in other_cases]
    weighed += [(late, PRIOR_OBSERVATIONS * assumed) for late in _without_experience(waited, usual)]
    return _cases(sorted(weighed))


def _thirds_beyond(waited: int, ordered: Sequence[int]) -> tuple[int, list[int]]:
    """How many are longer, and the middle of their lower, middle and upper third: thousands weigh as few as three."""
    first = bisect_right(ordered, waited)
    longer = len(ordered) - first
    return longer, [ordered[first + longer * middle // 6] for middle in MIDDLES] if longer else []


def _without_experience(waited: int, usual: int) -> list[int]:
    return [waited * 6 // (6 - middle) for middle in MIDDLES] if waited > 0 else [usual] * THIRDS


def _cases(weighed: Sequence[tuple[int, int]]) -> list[int]:
    """The middles of the thirds of a weighed sample in rising order."""
    total, passed = sum(weight for _, weight in weighed), 0
    cases: list[int] = []
    for late, weight in weighed:
        passed += 6 * weight
        while len(cases) < THIRDS and passed >= MIDDLES[len(cases)] * total:
            cases.append(late)
    return cases
