"""A company living day by day: what its rhythms book, and what is on its agenda for later days."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from sandbox.books import writes
from sandbox.books.company import Company
from sandbox.books.postings import chart_of
from sandbox.books.values import ZERO, Doc, amount, cents, day_at, decimal, instant, ref, ref_value

CHECKING = "Operating Checking"
CARD = "Company Visa"


# Expense account (None: a line that posts to nothing), amount, description.
ExpenseLine = tuple[str | None, Decimal, str]


class Rhythm(Protocol):
    """Something that recurs in a company's life; called once for every day."""

    def on(self, life: Life, day: date) -> None: ...


class Task(Protocol):
    """Something a past day put on the agenda."""

    def run(self, life: Life, day: date) -> None: ...


@dataclass(frozen=True, slots=True)
class Person:
    """A vendor or customer as it is entered on the first day. `terms` names a Term; e-mail "" means none known."""

    name: str
    email: str = ""
    terms: str = ""
    currency: str = "USD"
    phone: str = ""
    contact: tuple[str, str] | None = None


@dataclass(slots=True)
class Life:
    """One company with its randomness. Chance depends only on seed, day and what is asked: replays are exact."""

    company: Company
    seed: int
    rhythms: tuple[Rhythm, ...]
    day: date
    agenda: dict[date, list[Task]] = field(default_factory=lambda: defaultdict(list))
    rates: dict[str, Decimal] = field(default_factory=dict)
    vendors: dict[str, str] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    asleep_from: date | None = None
    stamped: datetime | None = None
    _moments: int = 0

    def chance(self, *about: object) -> random.Random:
        return random.Random(f"{self.seed}|{self.company.realm}|{'|'.join(map(str, about))}")

    def now(self) -> datetime:
        """A fresh moment of the working day: nothing happens twice in the same second unless the day is full.

        While a server shows the books, what is booked carries the server's time (`stamped`): stamps never lie before
        an answer that is already given.
        """
        self._moments += 1
        if self.stamped:
            return self.stamped
        return day_at(self.day, 8) + timedelta(seconds=(self._moments * 173) % 36_000)

    def live(self) -> None:
        """Live the current day, then turn to the next."""
        self._moments = 0
        if self.asleep_from is None or self.day < self.asleep_from:
            for rhythm in self.rhythms:
                rhythm.on(self, self.day)
            for task in self.agenda.pop(self.day, []):
                task.run(self, self.day)
        self.day += timedelta(days=1)

    def later(self, day: date, task: Task) -> None:
        """Put a task on the agenda; a day already lived means tomorrow, a weekend the Monday after."""
        day = max(day, self.day + timedelta(days=1))
        while day.weekday() >= 5:
            day += timedelta(days=1)
        self.agenda[day].append(task)

    def account(self, name: str) -> Doc:
        return ref(chart_of(self.company).named(name))

    def balance(self, account: str) -> Decimal:
        return decimal(self.company.get("Account", self.account(account)["value"])["CurrentBalance"])

    def rate(self, currency: str, day: date) -> Decimal:
        """Home units per foreign unit, drifting a little from week to week."""
        base = self.rates.get(currency, Decimal(1))
        drift = self.chance("rate", currency, day.isocalendar()[:2]).uniform(-0.02, 0.02)
        return (base * Decimal(str(1 + drift))).quantize(Decimal("0.0001"))

    def create(self, entity: str, payload: Doc) -> Doc:
        if self.company.multicurrency and "ExchangeRate" not in payload:
            code = (payload.get("CurrencyRef") or {}).get("value", self.company.currency)
            if code != self.company.currency:
                payload["ExchangeRate"] = self.rate(code, self.day)
        return writes.create(
            self.company, entity, {"TxnDate": self.day.isoformat(), **payload}, self.now(), allow_duplicate_number=True
        )

    def bill(self, vendor: str, lines: list[ExpenseLine], **more: object) -> Doc:
        vendor_doc = self.company.get("Vendor", self.vendors[vendor])
        payload: Doc = {
            "VendorRef": ref(vendor_doc["Id"]),
            "CurrencyRef": vendor_doc["CurrencyRef"],
            "Line": [self.expense_line(*line) for line in lines],
            **more,
        }
        term = ref_value(vendor_doc, "TermRef")
        if term and "SalesTermRef" not in payload:
            payload["SalesTermRef"] = ref(term)
        return self.create("Bill", payload)

    def expense_line(self, account: str | None, value: Decimal, text: str) -> Doc:
        detail: Doc = {"AccountRef": self.account(account)} if account else {}
        return {
            "Description": text,
            "Amount": cents(value),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": detail,
        }

    def pay_bill(self, bill_id: str, paid: Decimal | None = None, *, card: bool = False) -> None:
        """Pay what is open on a bill (or less); nothing when it was settled or deleted meanwhile."""
        bill = self.company.find("Bill", bill_id)
        owed = decimal(bill["Balance"]) if bill else ZERO
        vendor = ref_value(bill, "VendorRef") if bill else None
        if bill is None or owed <= 0 or vendor is None:
            return
        paid = min(paid or owed, owed)
        how: Doc = (
            {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": self.account(CARD)}}
            if card
            else {"PayType": "Check", "CheckPayment": {"BankAccountRef": self.account(CHECKING)}}
        )
        self.create(
            "BillPayment",
            {
                "VendorRef": ref(vendor),
                "CurrencyRef": bill["CurrencyRef"],
                "TotalAmt": paid,
                **how,
                "Line": [{"Amount": paid, "LinkedTxn": [{"TxnId": bill_id, "TxnType": "Bill"}]}],
            },
        )

    def invoice(
        self, customer: str, lines: list[tuple[str, Decimal, str]], *, sent: bool = True, **more: object
    ) -> Doc:
        """`lines`: item, amount, description."""
        doc = self.company.get("Customer", self.customers[customer])
        payload: Doc = {
            "CustomerRef": ref(doc["Id"]),
            "CurrencyRef": doc["CurrencyRef"],
            "Line": [self._sales_line(*line) for line in lines],
            **more,
        }
        if "PrimaryEmailAddr" in doc:
            payload["BillEmail"] = dict(doc["PrimaryEmailAddr"])
            if sent:
                at = day_at(self.day, 17)
                payload |= {
                    "EmailStatus": "EmailSent",
                    "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": instant(at)},
                }
        return self.create("Invoice", payload)

    def _sales_line(self, item: str, value: Decimal, text: str) -> Doc:
        return {
            "Description": text,
            "Amount": cents(value),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": ref(self.items[item]), "Qty": 1, "UnitPrice": amount(value)},
        }

    def receive(self, invoice_id: str, paid: Decimal | None = None, *, method: str = "2") -> None:
        """A customer pays an invoice; the money waits in Undeposited Funds."""
        invoice = self.company.find("Invoice", invoice_id)
        owed = decimal(invoice["Balance"]) if invoice else ZERO
        if invoice is None or owed <= 0:
            return
        paid = min(paid or owed, owed)
        self.create(
            "Payment",
            {
                "CustomerRef": ref(str(ref_value(invoice, "CustomerRef"))),
                "CurrencyRef": invoice["CurrencyRef"],
                "TotalAmt": paid,
                "PaymentMethodRef": ref(method),
                "Line": [{"Amount": paid, "LinkedTxn": [{"TxnId": invoice_id, "TxnType": "Invoice"}]}],
            },
        )

    def spend(self, vendor: str | None, source: str, lines: list[ExpenseLine], **more: object) -> Doc:
        """A purchase paid at once: by card when `source` is one, else from a bank account."""
        card = source == CARD
        payload: Doc = {
            "AccountRef": self.account(source),
            "PaymentType": "CreditCard" if card else "Check",
            "Line": [self.expense_line(*line) for line in lines],
            **more,
        }
        if vendor:
            payload["EntityRef"] = {**ref(self.vendors[vendor]), "type": "Vendor"}
        return self.create("Purchase", payload)

    def transfer(self, source: str, target: str, value: Decimal, note: str) -> None:
        if value > 0:
            self.create(
                "Transfer",
                {
                    "FromAccountRef": self.account(source),
                    "ToAccountRef": self.account(target),
                    "Amount": value,
                    "PrivateNote": note,
                },
            )

    def journal(self, debits: list[tuple[str, Decimal]], credit: str, note: str, number: str = "") -> None:
        total = sum((value for _, value in debits), ZERO)
        sides = [("Debit", account, value) for account, value in debits] + [("Credit", credit, total)]
        lines = [
            {
                "Description": note,
                "Amount": value,
                "DetailType": "JournalEntryLineDetail",
                "JournalEntryLineDetail": {"PostingType": side, "AccountRef": self.account(account)},
            }
            for side, account, value in sides
        ]
        self.create("JournalEntry", {"PrivateNote": note, "Line": lines, **({"DocNumber": number} if number else {})})
