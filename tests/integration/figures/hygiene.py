"""Which record has which issue, read off the raw books by the words of the issue catalogue: no predicate of ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from tests.integration.figures.by_hand import CENT, ZERO, ByHand, Json

CRITICAL, HIGH, MEDIUM, LOW = 80, 60, 40, 20
WEIGHT = {
    "MISSING_VENDOR": CRITICAL,
    "MISSING_CUSTOMER": CRITICAL,
    "BAD_AMOUNT": CRITICAL,
    "MISSING_DUE_DATE": HIGH,
    "DUE_BEFORE_ISSUE": HIGH,
    "LIKELY_DUPLICATE": HIGH,
    "UNCATEGORISED": MEDIUM,
    "DUE_DATE_DEFAULTED": MEDIUM,
    "STALE_OPEN": MEDIUM,
    "INACTIVE_PARTY": MEDIUM,
    "NO_CONTACT": LOW,
    "NEVER_SENT": MEDIUM,
    "UNAPPLIED_PAYMENT": HIGH,
    "UNAPPLIED_CREDIT": HIGH,
    "MISSING_TERMS": LOW,
    "STALE_BOOKS": HIGH,
    "NEGATIVE_BANK": HIGH,
}
BLOCKING = {
    "MISSING_VENDOR",
    "MISSING_CUSTOMER",
    "BAD_AMOUNT",
    "MISSING_DUE_DATE",
    "DUE_BEFORE_ISSUE",
    "LIKELY_DUPLICATE",
}
THRESHOLD = Decimal(1_000)


@dataclass(frozen=True)
class Issue:
    """`amount` in home currency is what is open, unapplied or on the account; a vendor's is that of all open bills."""

    entity: str
    id: str
    code: str
    weight: int
    amount: Decimal
    due: date | None = None


@dataclass(frozen=True)
class Hygiene:
    books: ByHand

    @cached_property
    def issues(self) -> list[Issue]:
        found: list[Issue] = []
        doubled = self.twins()
        for entity, docs in (("Bill", self.books.open_bills), ("Invoice", self.books.open_invoices)):
            for doc in docs:
                codes = [*self._of_document(entity, doc)]
                codes += [("LIKELY_DUPLICATE", HIGH)] if entity == "Bill" and doc["Id"] in doubled else []
                amount, due = abs(self.books.home(doc)), self.books.due(doc)
                found += [Issue(entity, doc["Id"], code, weight, amount, due) for code, weight in codes]
        return [*found, *self._unapplied(), *self._vendors(), *self._banks()]

    def in_order(self) -> list[Issue]:
        """As the tray lists them: by score, amount, due date (and id: equal ones are not told apart here)."""
        return sorted(self.issues, key=lambda one: (-self.score(one), -one.amount, one.due or date.max))

    def score(self, issue: Issue) -> int:
        free = self.books.cash
        share = min(Decimal(1), issue.amount / free) if free > 0 else Decimal(issue.amount > 0)
        soon = issue.due is not None and issue.due <= self.books.today + timedelta(days=7)
        return int((issue.weight + 15 * share + 5 * soon).quantize(Decimal(1), ROUND_HALF_UP))

    def quality(self) -> int | None:
        """Of open bills and invoices, by balance and by number, those without an issue of medium weight or more."""
        docs = [("Bill", doc) for doc in self.books.open_bills] + [("Invoice", doc) for doc in self.books.open_invoices]
        if not docs:
            return None
        unclean = {(issue.entity, issue.id) for issue in self.issues if issue.weight >= MEDIUM}
        clean = [doc for entity, doc in docs if (entity, doc["Id"]) not in unclean]
        sizes = [sum((abs(self.books.home(doc)) for doc in some), Decimal(0)) for some in (clean, [d for _, d in docs])]
        share = Decimal("0.6") * sizes[0] / sizes[1] + Decimal("0.4") * len(clean) / len(docs)
        return round(100 * share)

    def blocked(self, entity: str) -> set[str]:
        return {issue.id for issue in self.issues if issue.entity == entity and issue.code in BLOCKING}

    def _of_document(self, entity: str, doc: Json) -> Iterator[tuple[str, int]]:
        codes = [*self._facts(entity, doc), *(self._bill(doc) if entity == "Bill" else ())]
        yield from ((code, WEIGHT[code]) for code in codes)
        if entity == "Invoice":
            yield from self._invoice(doc)

    def party(self, entity: str, doc: Json) -> Json | None:
        kind = "Vendor" if entity == "Bill" else "Customer"
        wanted = (doc.get(f"{kind}Ref") or {}).get("value")
        return next((one for one in self.books.of(kind) if one["Id"] == wanted), None)

    def _facts(self, entity: str, doc: Json) -> Iterator[str]:
        party, total, due = self.party(entity, doc), doc.get("TotalAmt"), self.books.due(doc)
        if party is None or not party.get("DisplayName", "").strip():
            yield "MISSING_VENDOR" if entity == "Bill" else "MISSING_CUSTOMER"
        if total is None or total <= 0 or doc["Balance"] < 0:
            yield "BAD_AMOUNT"
        if due is None:
            yield "MISSING_DUE_DATE"
        elif due < date.fromisoformat(doc["TxnDate"]):
            yield "DUE_BEFORE_ISSUE"
        if any(self._nowhere(line) for line in doc.get("Line", []) if line.get("Amount")):
            yield "UNCATEGORISED"
        if self.past_due(doc) > 180:
            yield "STALE_OPEN"
        if party is not None and not party["Active"]:
            yield "INACTIVE_PARTY"

    def past_due(self, doc: Json) -> int:
        return (self.books.today - (self.books.due(doc) or self.books.today)).days

    def _bill(self, bill: Json) -> Iterator[str]:
        vendor = self.party("Bill", bill) or {}
        untold = not bill.get("SalesTermRef") and not vendor.get("TermRef")
        if untold and bill.get("DueDate") == bill["TxnDate"] and self.books.home(bill) >= THRESHOLD:
            yield "DUE_DATE_DEFAULTED"

    def _nowhere(self, line: Json) -> bool:
        if line["DetailType"] in ("SubTotalLineDetail", "DiscountLineDetail"):
            return False
        detail = line.get(line["DetailType"], {})
        item = detail.get("ItemRef") or {}
        sold = next((one for one in self.books.of("Item") if one["Id"] == item.get("value")), {})
        kinds = (detail.get("AccountRef"), sold.get("ExpenseAccountRef"), sold.get("IncomeAccountRef"))
        names = [self.books.account(ref).get("Name", "") for ref in kinds if ref]
        return not (names or item) or any(name.startswith(("Uncategorized", "Ask My Accountant")) for name in names)

    def _invoice(self, invoice: Json) -> Iterator[tuple[str, int]]:
        late = self.past_due(invoice) > 0
        customer = self.party("Invoice", invoice) or {}
        mails = (invoice.get("BillEmail"), customer.get("PrimaryEmailAddr"))
        if not any((mail or {}).get("Address", "").strip() for mail in mails):
            yield "NO_CONTACT", MEDIUM if late else LOW
        sent_at = (invoice.get("DeliveryInfo") or {}).get("DeliveryTime")
        if late and invoice.get("EmailStatus") != "EmailSent" and not sent_at:
            yield "NEVER_SENT", MEDIUM

    def twins(self) -> dict[str, set[tuple[str, str]]]:
        """By open bill, the records it may double: of two open bills the later one is asked about."""
        found: dict[str, set[tuple[str, str]]] = {}
        open_ids = {bill["Id"] for bill in self.books.open_bills}
        others = [("Bill", one) for one in self.books.of("Bill")]
        others += [("Purchase", one) for one in self.books.of("Purchase") if not one.get("Credit")]
        for bill in self.books.open_bills:
            for entity, other in others:
                asked_there = other["Id"] in open_ids and _later(other, bill)
                if entity == "Bill" and (other["Id"] == bill["Id"] or asked_there):
                    continue
                if _alike(bill, other):
                    found.setdefault(bill["Id"], set()).add((entity, other["Id"]))
        return found

    def _unapplied(self) -> Iterator[Issue]:
        owing = {(one.get("CustomerRef") or {}).get("value") for one in self.books.open_invoices}
        owed = {(one.get("VendorRef") or {}).get("value") for one in self.books.open_bills}
        for entity, field, party, waiting, code in (
            ("Payment", "UnappliedAmt", "CustomerRef", owing, "UNAPPLIED_PAYMENT"),
            ("CreditMemo", "Balance", "CustomerRef", owing, "UNAPPLIED_CREDIT"),
            ("VendorCredit", "Balance", "VendorRef", owed, "UNAPPLIED_CREDIT"),
        ):
            for doc in self.books.of(entity):
                if doc.get(field, 0) > 0 and (doc.get(party) or {}).get("value") in waiting:
                    amount = (Decimal(doc[field]) * doc.get("ExchangeRate", 1)).quantize(CENT, ROUND_HALF_UP)
                    yield Issue(entity, doc["Id"], code, HIGH, amount)

    def _vendors(self) -> Iterator[Issue]:
        owed: dict[str | None, Decimal] = {}
        for bill in self.books.open_bills:
            vendor_id = (bill.get("VendorRef") or {}).get("value")
            owed[vendor_id] = owed.get(vendor_id, ZERO) + abs(self.books.home(bill))
        for vendor in self.books.of("Vendor"):
            if vendor["Id"] in owed and not vendor.get("TermRef"):
                yield Issue("Vendor", vendor["Id"], "MISSING_TERMS", LOW, owed[vendor["Id"]])

    def _banks(self) -> Iterator[Issue]:
        for account in self.books.of("Account"):
            if account["AccountType"] == "Bank" and account["Active"]:
                untouched = self.books.today if account["CurrentBalance"] == 0 else date.min
                if max(self.postings(account["Id"]), default=untouched) < self.books.today - timedelta(days=7):
                    yield Issue("Account", account["Id"], "STALE_BOOKS", HIGH, abs(account["CurrentBalance"]))
                if account["CurrentBalance"] < 0:
                    yield Issue("Account", account["Id"], "NEGATIVE_BANK", HIGH, -account["CurrentBalance"])

    def postings(self, account: str) -> Iterator[date]:
        """The day of whatever names the account at its head or in a line."""
        for docs in self.books.docs.values():
            for doc in docs:
                if "TxnDate" in doc and any(ref["value"] == account for ref in _refs(doc)):
                    yield date.fromisoformat(doc["TxnDate"])


def _refs(doc: Json) -> Iterator[Json]:
    for name, value in doc.items():
        if name.endswith("AccountRef") and isinstance(value, dict):
            yield value
        elif isinstance(value, dict):
            yield from _refs(value)
        elif isinstance(value, list):
            for one in value:
                yield from _refs(one) if isinstance(one, dict) else ()


def _later(one: Json, other: Json) -> bool:
    return (one["TxnDate"], int(one["Id"])) > (other["TxnDate"], int(other["Id"]))


def _alike(bill: Json, other: Json) -> bool:
    party = (bill.get("VendorRef") or {}).get("value")
    if not party or party != (other.get("VendorRef") or other.get("EntityRef") or {}).get("value"):
        return False
    if (bill.get("CurrencyRef") or {}).get("value") != (other.get("CurrencyRef") or {}).get("value"):
        return False
    numbers = [doc.get("DocNumber", "").strip().lower() for doc in (bill, other)]
    if numbers[0] and numbers[0] == numbers[1]:
        return True
    days = abs((date.fromisoformat(bill["TxnDate"]) - date.fromisoformat(other["TxnDate"])).days)
    larger = max(abs(bill["TotalAmt"]), abs(other["TotalAmt"]))
    return days <= 7 and abs(bill["TotalAmt"] - other["TotalAmt"]) * 100 <= larger
