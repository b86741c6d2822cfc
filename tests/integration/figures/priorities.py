"""Which bill comes first and which invoice: points by the words of the rule, from the raw books."""

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.integration.figures.by_hand import ZERO, ByHand, Json
from tests.integration.figures.late_money import half_up, middle

MUST_BE_PAID = {"payroll", "wages", "rent", "tax", "taxes", "insurance", "utilities"}
ONE = Decimal(1)


def tenth(points: Decimal | int) -> Decimal:
    return Decimal(points).quantize(Decimal("0.1"), ROUND_HALF_UP)


def bill_points(books: ByHand, bill: Json) -> list[Decimal]:
    """Time, tier as its accounts suggest, a discount's last days, share of cash."""
    share = min(ONE, books.home(bill) / books.cash) if books.cash > 0 else ONE
    return [_time(books, bill), Decimal(30 * must_be_paid(books, bill)), _discount(books, bill), tenth(10 * share)]


def _time(books: ByHand, bill: Json) -> Decimal:
    due = books.due(bill)
    if due is None:
        return ZERO
    left = (due - books.today).days
    if left < 0:
        return Decimal(min(50, 35 - left))
    return Decimal(next((points for days, points in ((3, 30), (7, 20), (14, 10)) if left <= days), 0))


def must_be_paid(books: ByHand, bill: Json) -> bool:
    lines = [line.get(line["DetailType"], {}).get("AccountRef") for line in bill["Line"]]
    names = [books.account(ref).get("FullyQualifiedName", "").lower() for ref in lines]
    words = {word for name in names for word in re.findall(r"\w+", name)}
    return bool(words & MUST_BE_PAID)


def _discount(books: ByHand, bill: Json) -> Decimal:
    vendor = next((one for one in books.of("Vendor") if one["Id"] == (bill.get("VendorRef") or {}).get("value")), {})
    wanted = (bill.get("SalesTermRef") or vendor.get("TermRef") or {}).get("value")
    term = next((one for one in books.of("Term") if one["Id"] == wanted), {})
    if not term.get("DiscountPercent"):
        return ZERO
    left = (date.fromisoformat(bill["TxnDate"]) + timedelta(days=int(term["DiscountDays"])) - books.today).days
    return Decimal(max(0, 10 - left)) if left >= 0 else ZERO


def usual(books: ByHand, customer: str | None) -> int:
    """Days late that are usual for a customer: own payments, and everybody's median as if seen four times more."""
    late = books.late
    everybody = [days for each in late.values() for days in each]
    if not everybody:
        return 0
    own = late.get(customer or "", [])
    return half_up(((middle(own) * len(own) if own else 0) + middle(everybody) * 4) / (len(own) + 4))


def invoice_points(books: ByHand, invoice: Json) -> list[Decimal]:
    """Age, size against 30 days of spending, days beyond what is usual for this customer."""
    due = books.due(invoice) or books.today
    past = (books.today - due).days
    age = min(Decimal(50), 15 + Decimal(past) / 2) if past >= 1 else Decimal(5 if past >= -7 else 0)
    known = books.knows_its_pace()
    spent = books.flows()[0] * 30 / books.window() if known else ZERO
    share = min(ONE, books.home(invoice) / spent) if spent else Decimal(known)
    beyond = max(0, past - usual(books, (invoice.get("CustomerRef") or {}).get("value"))) if past >= 1 else 0
    return [tenth(age), tenth(30 * share), Decimal(min(20, beyond))]
