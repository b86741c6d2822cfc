"""Recurring spending: bills and when they get paid, card charges, payroll, taxes, loans, draws."""

from __future__ import annotations

import random
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sandbox.books.life import CARD, CHECKING, ExpenseLine, Life
from sandbox.books.postings import chart_of
from sandbox.books.values import ZERO, cents, decimal, ref


@dataclass(frozen=True, slots=True)
class When:
    """Days of the month (negative from its end), or a weekday, or a chance per business day; maybe some months only."""

    days: tuple[int, ...] = ()
    weekday: int | None = None
    chance: float = 0.0
    months: tuple[int, ...] = ()

    def hits(self, day: date, luck: random.Random) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self.days:
            length = monthrange(day.year, day.month)[1]
            return any(day.day == (number if number > 0 else length + 1 + number) for number in self.days)
        if self.weekday is not None:
            return day.weekday() == self.weekday
        return day.weekday() < 5 and luck.random() < self.chance

    def per_month(self) -> float:
        """How often it happens in an average month."""
        if self.days:
            return len(self.days) * (len(self.months) or 12) / 12
        return 52 / 12 if self.weekday is not None else min(self.chance, 1.0) * 21.7


def monthly(*days: int) -> When:
    return When(days=days)


def quarterly(day: int) -> When:
    return When(days=(day,), months=(1, 4, 6, 9))


def now_and_then(per_month: float) -> When:
    return When(chance=per_month / 21)


@dataclass(frozen=True, slots=True)
class Lateness:
    """Days after the due date until money moves; a part of the payments comes in two halves."""

    mean: float = 3.0
    spread: float = 3.0
    split: float = 0.0

    def days(self, luck: random.Random) -> int:
        return round(max(-6.0, luck.gauss(self.mean, self.spread)))


def vary(value: str, spread: float, luck: random.Random) -> Decimal:
    """A believable amount around `value`: never rounder than cents."""
    factor = 1 + luck.uniform(-spread, spread)
    return cents(Decimal(value) * Decimal(str(factor)))


@dataclass(frozen=True, slots=True)
class PayBill:
    bill: str
    part: Decimal | None = None
    card: bool = False

    def run(self, life: Life, day: date) -> None:
        del day
        life.pay_bill(self.bill, self.part, card=self.card)


@dataclass(frozen=True, slots=True)
class Bills:
    """A vendor that bills. `number` starts its document numbers; lateness is ours in paying."""

    vendor: str
    account: str
    value: str
    when: When
    spread: float = 0.0
    text: str = ""
    number: str = ""
    late: Lateness = field(default_factory=Lateness)
    by_card: bool = False

    def on(self, life: Life, day: date) -> None:
        luck = life.chance("bill", self.vendor, self.account, day)
        if not self.when.hits(day, luck):
            return
        more = {"DocNumber": f"{self.number}{day:%y%m%d}"} if self.number else {}
        total = vary(self.value, self.spread, luck)
        bill = life.bill(self.vendor, [(self.account, total, self.text or self.account)], **more)
        due = date.fromisoformat(bill["DueDate"])
        pay_day = due + timedelta(days=self.late.days(luck))
        if luck.random() < self.late.split:
            life.later(pay_day, PayBill(bill["Id"], cents(total / 2)))
            pay_day += timedelta(days=18)
        life.later(pay_day, PayBill(bill["Id"], card=self.by_card))


@dataclass(frozen=True, slots=True)
class Charges:
    """Paid on the spot, by card or from the bank."""

    vendor: str | None
    account: str
    value: str
    when: When
    spread: float = 0.0
    source: str = CARD
    text: str = ""

    def on(self, life: Life, day: date) -> None:
        luck = life.chance("charge", self.vendor, self.account, day)
        if self.when.hits(day, luck):
            total = vary(self.value, self.spread, luck)
            life.spend(self.vendor, self.source, [(self.account, total, self.text or self.account)])


@dataclass(frozen=True, slots=True)
class Payroll:
    """Wages and employer taxes straight from the bank, as a journal entry or as a purchase from the provider."""

    wages: str
    when: When
    provider: str | None = None
    spread: float = 0.015

    def on(self, life: Life, day: date) -> None:
        luck = life.chance("payroll", day)
        if not self.when.hits(day, luck):
            return
        wages = vary(self.wages, self.spread, luck)
        taxes = cents(wages * Decimal("0.0765"))
        if self.provider:
            lines: list[ExpenseLine] = [
                ("Payroll Expenses:Wages", wages, "Net pay and withholding"),
                ("Payroll Expenses:Taxes", taxes, "Employer taxes"),
            ]
            life.spend(self.provider, CHECKING, lines, PrivateNote=f"Payroll {day:%b %d}")
            return
        debits = [("Payroll Expenses:Wages", wages), ("Payroll Expenses:Taxes", taxes)]
        life.journal(debits, CHECKING, f"Payroll {day:%b %d}", number=f"PR-{day:%m%d%y}")


@dataclass(frozen=True, slots=True)
class CardPayoff:
    """The whole card balance from checking: as a transfer, or as the credit purchase some people record."""

    when: When
    as_purchase: bool = False

    def on(self, life: Life, day: date) -> None:
        if not self.when.hits(day, life.chance("payoff", day)):
            return
        owed = -life.balance(CARD)
        if owed <= 0:
            return
        if self.as_purchase and day.month % 2:
            lines: list[ExpenseLine] = [(CHECKING, owed, "Card payment")]
            life.spend(None, CARD, lines, Credit=True)
        else:
            life.transfer(CHECKING, CARD, owed, "Card payment")


@dataclass(frozen=True, slots=True)
class Transfers:
    source: str
    target: str
    value: str
    when: When
    note: str = ""

    def on(self, life: Life, day: date) -> None:
        if self.when.hits(day, life.chance("transfer", self.source, self.target, day)):
            life.transfer(self.source, self.target, Decimal(self.value), self.note)


@dataclass(frozen=True, slots=True)
class LoanPayment:
    """A fixed instalment; interest on what is still owed, the rest principal."""

    lender: str
    instalment: str
    yearly_rate: str
    when: When
    account: str = "Equipment Loan"

    def on(self, life: Life, day: date) -> None:
        if not self.when.hits(day, life.chance("loan", day)):
            return
        owed = -life.balance(self.account)
        if owed <= 0:
            return
        interest = cents(owed * Decimal(self.yearly_rate) / 12)
        principal = min(cents(Decimal(self.instalment)) - interest, owed)
        lines: list[ExpenseLine] = [(self.account, principal, "Principal"), ("Interest Expense", interest, "Interest")]
        life.spend(self.lender, CHECKING, lines)


@dataclass(frozen=True, slots=True)
class VendorCredits:
    """Now and then a vendor takes something back; the credit is used on its oldest open bill a week later."""

    vendor: str
    account: str
    value: str
    when: When

    def on(self, life: Life, day: date) -> None:
        luck = life.chance("credit", self.vendor, day)
        if not self.when.hits(day, luck):
            return
        total = vary(self.value, 0.3, luck)
        vendor = life.vendors[self.vendor]
        credit = life.create(
            "VendorCredit",
            {
                "VendorRef": ref(vendor),
                "Line": [life.expense_line(self.account, total, "Returned")],
                "DocNumber": f"CR-{day:%m%d}",
            },
        )
        life.later(day + timedelta(days=7), UseVendorCredit(credit["Id"], vendor))


@dataclass(frozen=True, slots=True)
class UseVendorCredit:
    credit: str
    vendor: str

    def run(self, life: Life, day: date) -> None:
        credit = life.company.get("VendorCredit", self.credit)
        left = decimal(credit["Balance"])
        bills = [
            doc
            for doc in life.company.docs("Bill")
            if (doc.get("VendorRef") or {}).get("value") == self.vendor and decimal(doc["Balance"]) > left
        ]
        if not bills or not left:
            return
        bill = min(bills, key=lambda doc: (doc["TxnDate"], int(doc["Id"])))
        lines = [
            {"Amount": left, "LinkedTxn": [{"TxnId": doc["Id"], "TxnType": kind}]}
            for doc, kind in ((bill, "Bill"), (credit, "VendorCredit"))
        ]
        checking = ref(chart_of(life.company).named(CHECKING))
        life.create(
            "BillPayment",
            {
                "VendorRef": ref(self.vendor),
                "PayType": "Check",
                "TotalAmt": ZERO,
                "Line": lines,
                "CheckPayment": {"BankAccountRef": checking},
                "TxnDate": day.isoformat(),
            },
        )
