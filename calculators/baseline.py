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

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from calculators.cadence import RECENT, find_cadence, has_ended
from calculators.inputs import ZERO, Cadence, Movement, MovementKind, cents, median

LEARNING_DAYS: Final = 400
SAME_EVENT_DAYS: Final = 3
MAX_EVENTS: Final = 80
SAME_AMOUNT: Final = Decimal("0.15")
MAX_SPREAD: Final = Decimal("0.5")
AMOUNT_SAMPLE: Final = 6

REPEATABLE: Final = frozenset({MovementKind.OPERATING, MovementKind.LOAN_PRINCIPAL, MovementKind.OWNER_DRAW})

# Money out, its kind, and the counterparty or (marked "account:") the category.
FlowKey = tuple[bool, MovementKind, str]


@dataclass(frozen=True, slots=True)
class Series:
    """A recurring flow that still runs. `amount` is signed: the median of its last six occurrences."""

    key: str
    label: str
    kind: MovementKind
    party_id: str | None
    cadence: Cadence
    amount: Decimal
    dates: tuple[date, ...]
    billed: bool
    movement_ids: tuple[str, ...]


def learn_baseline(movements: Iterable[Movement], as_of: date) -> tuple[Series, ...]:
    """Looks back 400 days: four occurrences of the slowest rhythm. Movements outside of every series are irregular."""
    start = as_of - timedelta(days=LEARNING_DAYS)
    usable = [
        movement
        for movement in movements
        if start < movement.on <= as_of and movement.kind in REPEATABLE and movement.amount
    ]
    groups = _group(usable)
    return tuple(series for key in sorted(groups) for series in _learn(key, groups[key], as_of))


def _group(movements: Sequence[Movement]) -> dict[FlowKey, list[Movement]]:
    groups: dict[FlowKey, list[Movement]] = defaultdict(list)
    loose: dict[FlowKey, list[Movement]] = defaultdict(list)
    for movement in movements:
        if movement.party_id is not None:
            groups[movement.amount.is_signed(), movement.kind, movement.party_id].append(movement)
        else:
            loose[movement.amount.is_signed(), movement.kind, movement.account_id or ""].append(movement)
    homes = _homes(groups, {account for _, _, account in loose})
    for (outward, kind, account), entries in loose.items():
        usual = _usual(entries)
        fitting = [
            key for key in homes[outward, kind, account] if abs(_usual(groups[key]) - usual) <= abs(usual) * SAME_AMOUNT
        ]
        groups[fitting[0] if len(fitting) == 1 else (outward, kind, f"account:{account}")].extend(entries)
    return groups


def _homes(groups: dict[FlowKey, list[Movement]], accounts: set[str]) -> dict[FlowKey, list[FlowKey]]:
    """Per direction and category the counterparties that use it."""
    homes: dict[FlowKey, list[FlowKey]] = defaultdict(list)
    for key, group in groups.items():
        for account in accounts & {movement.account_id or "" for movement in group}:
            homes[key[0], key[1], account].append(key)
    return homes


def _usual(movements: Sequence[Movement]) -> Decimal:
    return median([movement.amount for movement in movements])


def _learn(key: FlowKey, movements: list[Movement], as_of: date) -> Iterator[Series]:
    """The counterparty as a whole, else each of its categories: one provider may collect wages and, rarely, taxes."""
    outward, kind, party = key
    name = f"{'out' if outward else 'in'}/{kind}/{party}"
    whole = _find_series(name, movements, as_of)
    if whole:
        yield whole
        return
    categories: dict[str, list[Movement]] = defaultdict(list)
    for movement in movements:
        categories[movement.account_id or ""].append(movement)
    if len(categories) > 1:
        for account in sorted(categories):
            part = _find_series(f"{name}/{account}", categories[account], as_of)
            if part:
                yield part


def _find_series(key: str, movements: list[Movement], as_of: date) -> Series | None:
    if len(movements) < 3:
        return None
    events = _events(movements)
    dates = tuple(sorted(events))
    cadence = find_cadence(dates) if len(dates) <= MAX_EVENTS else None
    if cadence is None or has_ended(cadence, dates[-1], as_of):
        return None
    amounts = [sum((movement.amount for movement in events[day]), ZERO) for day in dates]
    usual = cents(median(amounts[-AMOUNT_SAMPLE:]))
    if not usual or median([abs(amount - usual) for amount in amounts[-RECENT:]]) > abs(usual) * MAX_SPREAD:
        return None
    recent = [movement for day in dates[-AMOUNT_SAMPLE:] for movement in events[day]]
    last = recent[-1]
    return Series(
        key=key,
        label=last.party_name or last.account_name or key,
        kind=last.kind,
        party_id=next((movement.party_id for movement in recent if movement.party_id is not None), None),
        cadence=cadence,
        amount=usual,
        dates=dates,
        billed=2 * sum(movement.settles_document for movement in recent) >= len(recent),
        movement_ids=tuple(movement.id for movement in movements),
    )


def _events(movements: list[Movement]) -> dict[date, list[Movement]]:
    """Movements within three days of each other are one event (pay slips of one payroll), dated by its first."""
    movements.sort(key=lambda movement: (movement.on, movement.id))
    first = movements[0].on
    events: dict[date, list[Movement]] = defaultdict(list)
    for movement in movements:
        if (movement.on - first).days > SAME_EVENT_DAYS:
            first = movement.on
        events[first].append(movement)
    return events
