"""Spending that repeats and never becomes a bill, found in the raw books: the rule of docs/adr/0017 in plain loops."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from statistics import median, mode

from tests.integration.figures.by_hand import CENT, ZERO, ByHand, Moved

# Shortest and longest days from one to the next, days in the middle, days that a late one is waited for.
RHYTHMS = {"week": (5, 9, 7, 2), "two weeks": (12, 16, 14, 4), "half month": (12, 19, 15, 5)}
RHYTHMS |= {"month": (26, 36, 30, 10), "quarter": (80, 103, 91, 20), "tax": (57, 126, 91, 20)}


@dataclass(frozen=True)
class Recurring:
    name: str
    amount: Decimal
    dates: list[date]
    rhythm: str
    members: list[Moved]
    left: Decimal
    billed: bool


def find_recurring(books: ByHand) -> list[Recurring]:
    """By who was paid, or for what where nobody is named; loans apart, as they are no spending."""
    groups: dict[tuple[str, str], list[Moved]] = {}
    for one in books.moves:
        recent = books.today - timedelta(days=400) < one.on <= books.today
        if recent and one.amount < 0 and one.sort in ("operating", "loan"):
            groups.setdefault((one.sort, f"who {one.who}" if one.who else f"what {one.account}"), []).append(one)
    return [found for members in groups.values() for found in _split(books, members)]


def _split(books: ByHand, members: list[Moved]) -> list[Recurring]:
    """Whole, or each of up to five things it was for apart, whichever leaves less money unexplained."""
    whole, kinds = _repeats(books, members), {one.account for one in members}
    if not 1 < len(kinds) <= 5:
        return [whole] if whole else []
    parts, left = [], ZERO
    for kind in kinds:
        same = [one for one in members if one.account == kind]
        part = _repeats(books, same)
        left += part.left if part else -sum((one.amount for one in same), ZERO)
        parts += [part] if part else []
    return [whole] if whole and whole.left <= left else parts


def _repeats(books: ByHand, members: list[Moved]) -> Recurring | None:
    """What lies within three days of a first payment is one payment with it."""
    payments: dict[date, list[Moved]] = {}
    for one in sorted(members, key=lambda one: one.on):
        first = max(payments, default=date.min)
        payments.setdefault(first if payments and (one.on - first).days <= 3 else one.on, []).append(one)
    dates = list(payments)
    rhythm = _rhythm(dates[-12:]) if len(dates) <= 80 else None
    if rhythm is None or (books.today - dates[-1]).days > RHYTHMS[rhythm][1] + RHYTHMS[rhythm][3]:
        return None
    amounts = [sum((one.amount for one in same), ZERO) for same in payments.values()]
    usual = Decimal(median(amounts[-6:])).quantize(CENT, ROUND_HALF_UP)
    if median([abs(amount - usual) for amount in amounts[-12:]]) > abs(usual) / 2:
        return None
    recent = [one for on in dates[-6:] for one in payments[on]]
    billed = sum(one.pays_bill for one in recent) * 2 >= len(recent)
    left = sum((abs(amount - usual) for amount in amounts), ZERO)
    return Recurring(_name(books, recent[-1]), usual, dates, rhythm, members, left, billed)


def _name(books: ByHand, one: Moved) -> str:
    named = [party["DisplayName"] for party in books.of("Vendor") if party["Id"] == one.who]
    return str(named[0] if named else books.account({"value": one.account}).get("Name", ""))


def _rhythm(dates: list[date]) -> str | None:
    """Three quarters of at least two distances fit; two weeks keep their weekday, half months do not."""
    gaps = [(after - before).days for before, after in pairwise(dates)]
    for name, (least, most, _, _) in RHYTHMS.items():
        if len(gaps) < 2 or sum(least <= gap <= most for gap in gaps) * 4 < len(gaps) * 3:
            continue
        weekdays = [day.weekday() for day in dates]
        if name != "two weeks" or weekdays.count(mode(weekdays)) * 4 >= len(dates) * 3:
            return name if name != "tax" or _are_taxes(dates) else None
    return None


def _are_taxes(dates: list[date]) -> bool:
    """At least four, none too far from the next, all within four days of one day of the month."""
    least, most = RHYTHMS["tax"][:2]
    days = {min((day.day - dates[-1].day) % 30, (dates[-1].day - day.day) % 30) for day in dates}
    distances = [(after - before).days for before, after in pairwise(dates)]
    return len(dates) >= 4 and max(days) <= 4 and all(least <= distance <= most for distance in distances)


def coming(found: Recurring, today: date) -> list[date]:
    """Each next day up to 13 weeks ahead; one that is a little late is expected tomorrow."""
    usual, grace = RHYTHMS[found.rhythm][2:]
    soonest, end = found.dates[-1] + timedelta(days=usual // 2), today + timedelta(days=91)
    days = [day for day in _calendar(found, end) if soonest < day <= end and day >= today - timedelta(days=grace)]
    return sorted({max(day, today + timedelta(days=1)) for day in days})


def _calendar(found: Recurring, end: date) -> list[date]:
    dates = found.dates[-12:]
    if found.rhythm in ("week", "two weeks"):
        usual = mode(day.weekday() for day in dates)
        start = min((dates[-1] + timedelta(days=n) for n in range(-3, 4)), key=lambda day: day.weekday() != usual)
        return [start + timedelta(days=n * RHYTHMS[found.rhythm][2]) for n in range(60)]
    if found.rhythm == "tax":
        usual = sorted(day.day for day in dates)[len(dates) // 2]
        return [day.replace(year=day.year + 1, day=usual) for day in dates[-4:]]
    halves = [dates]
    if found.rhythm == "half month":
        middle = [day for day in dates if 8 <= day.day <= 22]
        halves = [middle, [day for day in dates if day not in middle]]
    step = 3 if found.rhythm == "quarter" else 1
    return [day for half in halves for day in _days_of_months(half, end, step)]


def _days_of_months(dates: list[date], end: date, step: int) -> list[date]:
    """The middle one of the usual days; around the turn of a month days are counted from its last one."""
    numbers = [day.day for day in dates]
    if max(numbers) - min(numbers) > 20:
        numbers = [
            number - monthrange(day.year, day.month)[1] if number > 15 else number
            for day, number in zip(dates, numbers, strict=True)
        ]
    usual = sorted(numbers)[len(numbers) // 2]
    usual = 31 if usual >= 28 else usual
    months = range(dates[-1].year * 12 + dates[-1].month - 2, end.year * 12 + end.month)
    found = [_day(month, usual) for month in months]
    nearest = min(range(3), key=lambda n: abs(found[n] - dates[-1]))
    return found[nearest::step]


def _day(month: int, usual: int) -> date:
    length = monthrange(month // 12, month % 12 + 1)[1]
    return date(month // 12, month % 12 + 1, 1) + timedelta(
        days=(min(usual, length) if usual > 0 else length + usual) - 1
    )


def other_spending(books: ByHand, known: list[Recurring]) -> Decimal:
    """What the window's spending holds beside bills and all that repeats, for 91 days."""
    if not books.knows_its_pace():
        return ZERO
    start = books.today - timedelta(days=books.window() - 1)
    repeated = [one for found in known for one in found.members]
    rest = [one for one in books.moves if one.operating and one.amount < 0 and start <= one.on <= books.today]
    total = sum((one.amount for one in rest if not one.pays_bill and one not in repeated), ZERO)
    return (total * 91 / books.window()).quantize(CENT, ROUND_HALF_UP)
