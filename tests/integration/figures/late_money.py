"""What the open invoices bring and when, worked out by hand from the raw books: the rule as it is written down."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.integration.figures.by_hand import CENT, ZERO, ByHand, Json

DEFAULTS = [Decimal(each) for each in ("0.95", "0.90", "0.81", "0.70", "0.52")]


def age(days: int) -> int:
    """0 not yet due, then 1 to 30, 31 to 60, 61 to 90 days past due, 4 for more."""
    return 0 if days < 1 else min(4, 1 + (days - 1) // 30)


def odds(books: ByHand) -> list[Decimal]:
    """By age: of those that got there, the share paid, mixed with 20 that behave like the survey."""
    fates = [(age(late), True) for each in books.late.values() for late in each]
    for invoice in books.open_invoices:
        due = invoice.get("DueDate") or invoice["TxnDate"]
        if (books.today - date.fromisoformat(due)).days > 180:
            fates.append((4, False))
    found: list[Decimal] = []
    for number, default in enumerate(DEFAULTS):
        reached = [paid for got_to, paid in fates if got_to >= number]
        share = default
        if len(reached) >= 20:
            share = ((sum(reached) + 20 * default) / (len(reached) + 20)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        found.append(min([share, *found]))
    return found


def middle(days: list[int]) -> Fraction:
    ordered = sorted(days)
    return Fraction(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2], 2)


def half_up(number: Fraction) -> int:
    return int((Decimal(number.numerator) / Decimal(number.denominator)).quantize(Decimal(1), ROUND_HALF_UP))


def cases(late: dict[str, list[int]], customer: str, waited: int) -> list[int]:
    """Early, middle and late: own payments one each, everybody's scatter as 4, less where few remain."""
    everybody = [days for each in late.values() for days in each]
    usual = half_up(middle(everybody)) if everybody else 0
    if customer in late:
        own = late[customer]
        usual = half_up((middle(own) * len(own) + middle(everybody) * 4) / (len(own) + 4))
    scatter = [days - half_up(middle(each)) for each in late.values() for days in each]
    mine = sorted(days for days in late.get(customer, []) if days > waited)
    others = sorted(usual + days for days in scatter if usual + days > waited)
    none = [waited * 6 // 5, waited * 6 // 3, waited * 6] if waited > 0 else [usual] * 3
    told: list[tuple[int, Fraction]] = []
    for sample, weight in ((mine, Fraction(len(mine))), (others, Fraction(4 * len(others), len(others) + 4))):
        told += [(sample[len(sample) * sixth // 6], weight) for sixth in (1, 3, 5) if sample]
    told += [(days, Fraction(16, len(others) + 4)) for days in none]
    told.sort()
    total = sum(weight for _, weight in told)
    return [
        next(d for n, (d, _) in enumerate(told) if sum(w for _, w in told[: n + 1]) >= total * sixth / 6)
        for sixth in (Fraction(1), Fraction(3), Fraction(5))
    ]


def receipts(books: ByHand) -> list[tuple[str, date, Decimal]]:
    """Invoice, day and amount of everything expected within 13 weeks, by day."""
    chances, late = odds(books), books.late
    found: dict[tuple[str, date], Decimal] = {}
    for invoice in books.open_invoices:
        for on, amount in _thirds(books, invoice, chances, late):
            if on <= books.today + timedelta(days=91):
                found[invoice["Id"], on] = found.get((invoice["Id"], on), ZERO) + amount
    return sorted((id_, on, amount) for (id_, on), amount in found.items() if amount)


def _thirds(
    books: ByHand, invoice: Json, chances: list[Decimal], late: dict[str, list[int]]
) -> list[tuple[date, Decimal]]:
    due = date.fromisoformat(invoice.get("DueDate") or invoice["TxnDate"])
    waited = (books.today - due).days
    worth = (books.home(invoice) * chances[age(waited)]).quantize(CENT, ROUND_HALF_UP)
    steps = [(worth * part / 3).quantize(CENT, ROUND_HALF_UP) for part in range(4)]
    days = cases(late, (invoice.get("CustomerRef") or {}).get("value", ""), waited)
    soonest = books.today + timedelta(days=1)
    likely = [books.nearest_bank_day(max(soonest, due + timedelta(days=days_late))) for days_late in days]
    return [(on, after - before) for on, before, after in zip(likely, steps[:-1], steps[1:], strict=True)]
