"""How late each counterparty usually pays or is paid, and how much of a receivable of some age still comes in.

Both are learned from closed documents and shrunk: few observations say little about a customer, so the figure of all
customers counts as if it were so many observations more (an empirical-Bayes mean with a fixed prior weight).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from calculators.inputs import ZERO, OpenInvoice, Settlement

PRIOR_OBSERVATIONS: Final = 4
MIN_RESOLVED: Final = 20
GIVEN_UP_DAYS: Final = 180
COMMON_TERMS: Final = 30
CERTAINTY_STEP: Final = Decimal("0.0001")
LAST_DAY: Final = date.max.toordinal() - 366


class Age(StrEnum):
    """Days past due, as an aging report prints them."""

    CURRENT = "current"
    DAYS_1_30 = "1-30"
    DAYS_31_60 = "31-60"
    DAYS_61_90 = "61-90"
    OVER_90 = "90+"


_PAST_DUE: Final = (Age.DAYS_1_30, Age.DAYS_31_60, Age.DAYS_61_90, Age.OVER_90)

# Share collected by age: survey of the Commercial Collection Agency Association, October 2004 (94.9 % at the due date,
# 89.9 % at 30 days, 81.3 % at 60, 69.6 % at 90, 52.1 % at six months), rounded to whole percents.
DEFAULT_PROBABILITY: Final = {
    Age.CURRENT: Decimal("0.95"),
    Age.DAYS_1_30: Decimal("0.90"),
    Age.DAYS_31_60: Decimal("0.81"),
    Age.DAYS_61_90: Decimal("0.70"),
    Age.OVER_90: Decimal("0.52"),
}


def age_of(days_past_due: int) -> Age:
    """Not yet due and due today are both current."""
    if days_past_due < 1:
        return Age.CURRENT
    return _PAST_DUE[min((days_past_due - 1) // 30, len(_PAST_DUE) - 1)]


def later(on: date, days: int) -> date:
    """A slip of the keyboard dates a document 0026 or 9999: what lies beyond the calendar falls on one of its ends."""
    return date.fromordinal(min(max(1, on.toordinal() + days), LAST_DAY))


@dataclass(frozen=True, slots=True)
class Lateness:
    """Whole days from due date to payment, negative when early. `usual` is None when nothing was ever settled.

    `observed` are those of each party, `scatter` how far everybody's lie from their own party's median; both rise.
    """

    usual: int | None
    by_party: Mapping[str, int]
    observed: Mapping[str, Sequence[int]]
    scatter: Sequence[int]

    def days(self, party_id: str | None) -> int:
        """The party's own shrunk median, else that of all parties, else 0: on the due date."""
        if party_id is not None and party_id in self.by_party:
            return self.by_party[party_id]
        return self.usual or 0


def learn_lateness(settlements: Iterable[Settlement], as_of: date) -> Lateness:
    """Per party (n · own median + 4 · median of all) ÷ (n + 4), rounded half up to whole days."""
    observed: dict[str | None, list[int]] = defaultdict(list)
    for settlement in settlements:
        if settlement.due is not None and settlement.closed <= as_of and not settlement.written_off:
            observed[settlement.party_id].append((settlement.closed - settlement.due).days)
    if not observed:
        return Lateness(None, {}, {}, ())
    overall = _median(sorted(days for own in observed.values() for days in own))
    ordered = {party: sorted(own) for party, own in observed.items()}
    named = {party: own for party, own in ordered.items() if party is not None}
    return Lateness(
        usual=_whole(overall),
        by_party={party: _shrunk(own, overall) for party, own in named.items()},
        observed=named,
        scatter=sorted(apart for own in ordered.values() for apart in _scatter(own)),
    )


def _scatter(own: Sequence[int]) -> list[int]:
    middle = _whole(_median(own))
    return [days - middle for days in own]


def _median(ordered: Sequence[int]) -> Decimal:
    return Decimal(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _shrunk(own: Sequence[int], overall: Decimal) -> int:
    return _whole((_median(own) * len(own) + overall * PRIOR_OBSERVATIONS) / (len(own) + PRIOR_OBSERVATIONS))


def _whole(days: Decimal) -> int:
    return int(days.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Collection:
    """Share of an open receivable that still comes in, by its age. `learned` names the ages with own experience."""

    probability: Mapping[Age, Decimal]
    learned: frozenset[Age]


def learn_collection(settlements: Iterable[Settlement], still_open: Iterable[OpenInvoice], as_of: date) -> Collection:
    """Of the documents that reached an age, the share that was paid afterwards.

    A document counts once its fate is known: paid, written off, or open more than 180 days past due, which counts as
    lost. From 20 such documents on, the share is shrunk towards the default as if that were 20 documents more; below,
    the default stands. An older age is never more certain than a younger one.
    """
    oldest_age: Counter[tuple[Age, bool]] = Counter(_fates(settlements, still_open, as_of))
    probability: dict[Age, Decimal] = {}
    learned: set[Age] = set()
    ceiling = Decimal(1)
    for position, age in enumerate(Age):
        reached = list(Age)[position:]
        paid, lost = (sum(oldest_age[one, fate] for one in reached) for fate in (True, False))
        if paid + lost >= MIN_RESOLVED:
            learned.add(age)
        ceiling = probability[age] = min(ceiling, _share(paid, paid + lost, DEFAULT_PROBABILITY[age]))
    return Collection(probability, frozenset(learned))


def _share(paid: int, reached: int, default: Decimal) -> Decimal:
    if reached < MIN_RESOLVED:
        return default
    return ((paid + MIN_RESOLVED * default) / (reached + MIN_RESOLVED)).quantize(CERTAINTY_STEP, ROUND_HALF_UP)


def _fates(
    settlements: Iterable[Settlement], still_open: Iterable[OpenInvoice], as_of: date
) -> Iterator[tuple[Age, bool]]:
    """The age each document reached in the end, and whether it was paid."""
    for one in settlements:
        if one.closed <= as_of:
            yield age_of((one.closed - (one.due or one.issued)).days), not one.written_off
    for invoice in still_open:
        due = invoice.due_date or invoice.txn_date
        if due is not None and (as_of - due).days > GIVEN_UP_DAYS:
            yield Age.OVER_90, False


def settled_share_by_day(settlements: Iterable[Settlement], as_of: date, days: int) -> tuple[Decimal, ...]:
    """Share of settled money that had come in by 0, 1, … `days` days after the document was issued.

    It tells how soon documents that do not exist yet will start to move cash. With nothing settled yet: all after 30
    days, the commonest terms, so that new documents are not added on top of the open ones from the first day.
    """
    by_delay: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for settlement in settlements:
        if settlement.closed <= as_of and not settlement.written_off:
            by_delay[max(0, (settlement.closed - settlement.issued).days)] += settlement.amount
    total = sum(by_delay.values(), ZERO)
    if not total:
        return tuple(Decimal(delay >= COMMON_TERMS) for delay in range(days + 1))
    shares, running = [], ZERO
    for delay in range(days + 1):
        running += by_delay[delay]
        shares.append(running / total)
    return tuple(shares)
