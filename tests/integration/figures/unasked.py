"""What the digest tells unasked, found in the raw books: each kind with the number of its strongest case."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.integration.figures.by_hand import ZERO, ByHand
from tests.integration.figures.hygiene import Hygiene
from tests.integration.figures.priorities import must_be_paid, usual

Curve = dict[date, Decimal]


def worth_knowing(books: ByHand, curve: Curve) -> list[tuple[str, Decimal]]:
    """The first three kinds, most pressing first; without a floor, and before there was another digest."""
    cases = [
        ("floor_breach", [-low for low in [min(curve.values())] if low < 0]),
        ("must_pay_in_trough", _tight_days(books, curve)),
        ("books_stale", _quiet_accounts(books)),
        ("customer_slow", _slow_customers(books)),
        ("customer_concentration", _shares(books)),
        ("bill_burst", _bursts(books)),
    ]
    return [(kind, max(found)) for kind, found in cases if found][:3]


def _tight_days(books: ByHand, curve: Curve) -> list[Decimal]:
    due: dict[date, Decimal] = {}
    for bill in books.open_bills:
        if must_be_paid(books, bill):
            on, owed = books.bill_days()[bill["Id"]]
            due[on] = due.get(on, ZERO) - owed
    return [total for on, total in due.items() if on in curve and curve[on] < total]


def _quiet_accounts(books: ByHand) -> list[Decimal]:
    banks = [one for one in books.of("Account") if books.is_bank(one) and one["Active"]]
    last = [max(Hygiene(books).postings(one["Id"]), default=books.today) for one in banks]
    return [Decimal((books.today - on).days) for on in last if (books.today - on).days > 7]


def _slow_customers(books: ByHand) -> list[Decimal]:
    found: list[Decimal] = []
    for invoice in books.open_invoices:
        customer, due = (invoice.get("CustomerRef") or {}).get("value", ""), books.due(invoice)
        late = (books.today - due).days if due else 0
        beyond = late - max(0, usual(books, customer))
        if len(books.late.get(customer, [])) >= 3 and late <= 180 and beyond >= 14:
            found.append(Decimal(beyond))
    return found


def _shares(books: ByHand) -> list[Decimal]:
    """Of all that customers owe; whom we owe does not make the others' shares larger."""
    owed: dict[str, Decimal] = {}
    for invoice in books.open_invoices:
        customer = (invoice.get("CustomerRef") or {}).get("value", "")
        owed[customer] = owed.get(customer, ZERO) + books.home(invoice)
    total = sum((amount for amount in owed.values() if amount > 0), ZERO)
    shares = [100 * amount / total for customer, amount in owed.items() if customer and amount > 0]
    return [share.quantize(Decimal(1), ROUND_HALF_UP) for share in shares if share >= 40]


def _bursts(books: ByHand) -> list[Decimal]:
    since, counts = books.today - timedelta(days=6), dict[str, int]()
    for bill in books.open_bills:
        vendor = (bill.get("VendorRef") or {}).get("value", "")
        if vendor and since <= date.fromisoformat(bill["TxnDate"]) <= books.today:
            counts[vendor] = counts.get(vendor, 0) + 1
    return [Decimal(count) for count in counts.values() if count >= 3]
