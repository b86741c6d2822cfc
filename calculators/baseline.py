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
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, cast

from calculators.cadence import RECENT, find_cadence, has_ended
from calculators.inputs import ZERO, Cadence, Movement, MovementKind, cents, median

LEARNING_DAYS: Final = 400
SAME_EVENT_DAYS: Final = 3
MAX_EVENTS: Final = 80
SAME_AMOUNT: Final = Decimal("0.15")
MAX_SPREAD: Final = Decimal("0.5")
AMOUNT_SAMPLE: Final = 6
MAX_HOMES: Final = 3
MAX_CATEGORIES: Final = 5

REPEATABLE: Final = (MovementKind.OPERATING, MovementKind.LOAN_PRINCIPAL, MovementKind.OWNER_DRAW)

# By counterparty, or by category where there is none.
Groups = dict[str, list[Movement]]


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


def learn_baseline(movements: Iterable[Movement], as_of: date) -> tuple[Series, ...]:
    """Looks back 400 days: four occurrences of the slowest rhythm. Movements outside of every series are irregular."""
    start = as_of - timedelta(days=LEARNING_DAYS)
    recent = [movement for movement in movements if start < movement.on <= as_of]
    found: list[Series] = []
    for kind in REPEATABLE:
        for direction, groups in _grouped([movement for movement in recent if movement.kind is kind]):
            name = f"{direction}/{kind}"
            found.extend(series for key in sorted(groups) for series in _learn(f"{name}/{key}", groups[key], as_of))
    return tuple(found)


def _grouped(movements: Iterable[Movement]) -> tuple[tuple[str, Groups], ...]:
    spent, loosely_spent, received, loosely_received = (cast("Groups", defaultdict(list)) for _ in range(4))
    for movement in movements:
        outward = movement.amount.is_signed()
        if movement.party_id is not None:
            (spent if outward else received)[movement.party_id].append(movement)
        else:
            (loosely_spent if outward else loosely_received)[movement.account_id or ""].append(movement)
    _bring_home(spent, loosely_spent)
    _bring_home(received, loosely_received)
    return ("out", spent), ("in", received)


def _bring_home(groups: Groups, loose: Groups) -> None:
    """Adds loose entries to `groups`: each category to the counterparty it fits, else on its own."""
    homes = _homes(groups, loose)
    for account, entries in loose.items():
        home = _home(entries, {key: groups[key] for key in homes[account]})
        groups[home or f"account:{account}"].extend(entries)


def _homes(groups: Groups, loose: Container[str]) -> Mapping[str, list[str]]:
    """Per category of loose entries the counterparties that use it."""
    homes: dict[str, list[str]] = defaultdict(list)
    for key, group in groups.items():
        for account in {movement.account_id for movement in group}:
            if (account or "") in loose:
                homes[account or ""].append(key)
    return homes


def _home(entries: list[Movement], candidates: Groups) -> str | None:
    """The one counterparty whose usual amount fits; a category shared by many says nothing about any of them."""
    if len(candidates) > MAX_HOMES:
        return None
    usual = _usual(entries)
    fitting = [key for key, group in candidates.items() if abs(_usual(group) - usual) <= abs(usual) * SAME_AMOUNT]
    return fitting[0] if len(fitting) == 1 else None


def _usual(movements: Sequence[Movement]) -> Decimal:
    return median([movement.amount for movement in movements])


def _learn(name: str, movements: list[Movement], as_of: date) -> list[Series]:
    """The counterparty as a whole or each of its few categories, whichever leaves less money unexplained.

    One provider may collect wages every other week and taxes every month.
    """
    whole = _find_series(name, movements, as_of)
    accounts = {movement.account_id or "" for movement in movements}
    if not 1 < len(accounts) <= MAX_CATEGORIES:
        return [whole] if whole else []
    parts: list[Series] = []
    left = ZERO
    for account in sorted(accounts):
        category = [movement for movement in movements if (movement.account_id or "") == account]
        part = _find_series(f"{name}/{account}", category, as_of)
        parts += [part] if part else []
        left += part.unexplained if part else abs(sum((movement.amount for movement in category), ZERO))
    return [whole] if whole and whole.unexplained <= left else parts


def _find_series(key: str, movements: list[Movement], as_of: date) -> Series | None:
    dates = _event_dates(movements)
    cadence = find_cadence(dates) if len(dates) <= MAX_EVENTS else None
    if cadence is None or has_ended(cadence, dates[-1], as_of):
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
        label=last.party_name or last.account_name or key,
        kind=last.kind,
        party_id=next((movement.party_id for movement in recent if movement.party_id is not None), None),
        cadence=cadence,
        amount=usual,
        dates=tuple(dates),
        billed=2 * sum(movement.settles_document for movement in recent) >= len(recent),
        movement_ids=tuple(movement.id for event in events for movement in event),
        unexplained=sum((abs(amount - usual) for amount in amounts), ZERO),
    )


def _event_dates(movements: Iterable[Movement]) -> list[date]:
    """Movements within three days of each other are one event (pay slips of one payroll), dated by its first."""
    dates: list[date] = []
    for on in sorted({movement.on for movement in movements}):
        if not dates or (on - dates[-1]).days > SAME_EVENT_DAYS:
            dates.append(on)
    return dates


def _events(movements: Iterable[Movement], dates: Sequence[date]) -> list[list[Movement]]:
    events: list[list[Movement]] = [[] for _ in dates]
    for movement in sorted(movements, key=lambda movement: (movement.on, movement.id)):
        events[bisect_right(dates, movement.on) - 1].append(movement)
    return events
