"""Spend and income that repeat, learned from movements: the projection knows of payroll before anybody books it.

No spend is counted twice, in whatever form it reaches the books:

* one series per counterparty, whether its flows came as bill payment, purchase, journal entry or deposit; entries
  without a counterparty join the one whose category and amount they match, and else form a series of their category;
* own transfers, contributions and one-offs never enter. Loan principal and owner draws are no burn, but the bank will
  be asked for them again: they form series of their own kind;
* a series is *billed* when at least half of its recent flows settled a bill. Billed series reach the projection as
  open bills, so the committed view leaves them out; the view at trend adds only occurrences that no bill covers yet;
* an open bill or a known item stands for the expected occurrence nearest to it (see `claims`).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Final, TypeAlias

from calculators.cadence import RECENT, find_cadence, has_ended
from calculators.inputs import ZERO, Cadence, Movement, MovementKind, cents, median

LEARNING_DAYS: Final = 400
SAME_EVENT: Final = timedelta(days=3)
MAX_EVENTS: Final = 80
SAME_AMOUNT: Final = Decimal("0.15")
MAX_SPREAD: Final = Decimal("0.5")
AMOUNT_SAMPLE: Final = 6
MAX_HOMES: Final = 3
MAX_CATEGORIES: Final = 5

REPEATABLE: Final = (MovementKind.OPERATING, MovementKind.LOAN_PRINCIPAL, MovementKind.OWNER_DRAW)

# By counterparty, or by category where there is none.
Groups: TypeAlias = dict[str, list[Movement]]


@dataclass(frozen=True, slots=True)
class Series:
    """A recurring flow that still runs. `amount` is signed: the median of its last six occurrences.

    `unexplained` is by how much all occurrences differed from it, in sum.
    """

    key: str
    label: str
    kind: MovementKind
    party_id: str | None
    cadence: Cadence
    amount: Decimal
    dates: tuple[date, ...]
    billed: bool
    movement_ids: tuple[str, ...]
    unexplained: Decimal


def list_recent(movements: Iterable[Movement], as_of: date) -> list[Movement]:
    """The movements to learn from: 400 days, which hold four occurrences of the slowest rhythm."""
    start = as_of - timedelta(days=LEARNING_DAYS)
    return [movement for movement in movements if start < movement.on <= as_of]


def learn_baseline(recent: Iterable[Movement], as_of: date) -> tuple[Series, ...]:
    """Of the movements of `list_recent`; those outside of every series are irregular."""
    found: list[Series] = []
    for kind, sides in _by_side(recent).items():
        for is_out, side in sides.items():
            groups, name = _at_home(side), f"{'out' if is_out else 'in'}/{kind}"
            found.extend(series for key in sorted(groups) for series in _learn(f"{name}/{key}", groups[key], as_of))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Side:
    """Money out or in by counterparty or, where there is none, loose by category."""

    named: Groups = field(default_factory=lambda: defaultdict(list))
    loose: Groups = field(default_factory=lambda: defaultdict(list))


def _by_side(movements: Iterable[Movement]) -> Mapping[MovementKind, Mapping[bool, _Side]]:
    """By kind and whether money went out; in one pass, as there may be hundreds of thousands."""
    kinds = {kind: {True: _Side(), False: _Side()} for kind in REPEATABLE}
    for movement in movements:
        sides = kinds.get(movement.kind)
        if sides is not None:
            side, party = sides[movement.amount.is_signed()], movement.party_id
            group = side.loose[_category(movement)] if party is None else side.named[party]
            group.append(movement)
    return kinds


def _category(movement: Movement) -> str:
    return movement.account_id or ""


def _at_home(side: _Side) -> Groups:
    """Each category of loose entries with the counterparty it fits, else on its own."""
    groups = dict(side.named)

    @cache
    def categories(party: str) -> set[str]:
        return {_category(movement) for movement in side.named[party]}

    for account, entries in side.loose.items():
        sharing = (side.named[party] for party in side.named if account in categories(party))
        home = _home(entries, list(islice(sharing, MAX_HOMES + 1)))
        if home is None:
            groups[f"account:{account}"] = entries
        else:
            home.extend(entries)
    return groups


def _home(entries: list[Movement], sharing: list[list[Movement]]) -> list[Movement] | None:
    """The one counterparty with that category whose usual amount fits; many who share it say nothing of any of them."""
    if len(sharing) > MAX_HOMES:
        return None
    usual = _usual(entries)
    fitting = [group for group in sharing if abs(_usual(group) - usual) <= abs(usual) * SAME_AMOUNT]
    return fitting[0] if len(fitting) == 1 else None


def _usual(movements: Iterable[Movement]) -> Decimal:
    return median([movement.amount for movement in movements])


def _learn(name: str, group: list[Movement], as_of: date) -> list[Series]:
    """The counterparty as a whole or each of its few categories, whichever leaves less money unexplained.

    One provider may collect wages every other week and taxes every month.
    """
    whole, categories = _find_series(name, group, as_of), _by_category(group)
    if not 1 < len(categories) <= MAX_CATEGORIES:
        return [whole] if whole else []
    parts: list[Series] = []
    left = ZERO
    for account, category in sorted(categories.items()):
        part = _find_series(f"{name}/{account}", category, as_of)
        parts += [part] if part else []
        left += part.unexplained if part else abs(sum((movement.amount for movement in category), ZERO))
    return [whole] if whole and whole.unexplained <= left else parts


def _by_category(movements: Iterable[Movement]) -> Groups:
    """Stops at one category more than are tried: most large groups need no more."""
    groups: Groups = defaultdict(list)
    for movement in movements:
        groups[_category(movement)].append(movement)
        if len(groups) > MAX_CATEGORIES:
            break
    return groups


def _find_series(key: str, movements: list[Movement], as_of: date) -> Series | None:
    dates = _event_dates(movements)
    cadence = find_cadence(dates) if len(dates) <= MAX_EVENTS else None
    if cadence is None or has_ended(cadence, dates, as_of):
        return None
    events = _events(movements, dates)
    amounts = [sum((movement.amount for movement in event), ZERO) for event in events]
    usual = cents(median(amounts[-AMOUNT_SAMPLE:]))
    if not usual or median([abs(amount - usual) for amount in amounts[-RECENT:]]) > abs(usual) * MAX_SPREAD:
        return None
    recent = [movement for event in events[-AMOUNT_SAMPLE:] for movement in event]
    last = recent[-1]
    return Series(
        key=key,
        label=last.party_name or _own_name(last.account_name) or key,
        kind=last.kind,
        party_id=next((movement.party_id for movement in recent if movement.party_id is not None), None),
        cadence=cadence,
        amount=usual,
        dates=tuple(dates),
        billed=2 * sum(movement.settles_document for movement in recent) >= len(recent),
        movement_ids=tuple(movement.id for event in events for movement in event),
        unexplained=sum((abs(amount - usual) for amount in amounts), ZERO),
    )


def _own_name(account: str | None) -> str:
    """QuickBooks writes a sub-account behind its parents: Payroll Expenses:Wages is Wages."""
    return (account or "").rpartition(":")[2]


def _event_dates(movements: Iterable[Movement]) -> list[date]:
    """Movements within three days of each other are one event (pay slips of one payroll), dated by its first."""
    dates: list[date] = []
    same_until = date.min
    for on in sorted([movement.on for movement in movements]):
        if on > same_until:
            dates.append(on)
            same_until = on + SAME_EVENT
    return dates


def _events(movements: Iterable[Movement], dates: Sequence[date]) -> list[list[Movement]]:
    events: list[list[Movement]] = [[] for _ in dates]
    for movement in sorted(movements, key=lambda movement: (movement.on, movement.id)):
        events[bisect_right(dates, movement.on) - 1].append(movement)
    return events
