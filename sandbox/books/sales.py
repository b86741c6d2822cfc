"""Recurring income: invoices and when customers pay, takings of the day, deposits of what was received."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sandbox.books.life import CHECKING, Life
from sandbox.books.rhythms import Lateness, When, vary
from sandbox.books.values import Doc, cents, decimal, ref, ref_value

FLAT = (1.0,) * 12


@dataclass(frozen=True, slots=True)
class Receive:
    invoice: str
    part: Decimal | None = None

    def run(self, life: Life, day: date) -> None:
        del day
        life.receive(self.invoice, self.part)


@dataclass(frozen=True, slots=True)
class Invoices:
    """A customer that is invoiced. `season` scales amounts by month; `never` is the share that stays unpaid."""

    customer: str
    item: str
    value: str
    when: When
    spread: float = 0.0
    text: str = ""
    late: Lateness = field(default_factory=lambda: Lateness(6, 6))
    season: tuple[float, ...] = FLAT
    never: float = 0.0
    sent: bool = True

    def on(self, life: Life, day: date) -> None:
        luck = life.chance("invoice", self.customer, self.item, day)
        if not self.when.hits(day, luck):
            return
        total = cents(vary(self.value, self.spread, luck) * Decimal(str(self.season[day.month - 1])))
        invoice = life.invoice(self.customer, [(self.item, total, self.text or self.item)], sent=self.sent)
        if luck.random() < self.never:
            return
        pay_day = date.fromisoformat(invoice["DueDate"]) + timedelta(days=self.late.days(luck))
        if luck.random() < self.late.split:
            life.later(pay_day, Receive(invoice["Id"], cents(total * Decimal("0.4"))))
            pay_day += timedelta(days=21)
        life.later(pay_day, Receive(invoice["Id"]))


@dataclass(frozen=True, slots=True)
class Takings:
    """Sales paid at the counter, booked once per open day straight into the bank, or as sales receipts."""

    value: str
    weekdays: tuple[float, ...] = (0.8, 0.8, 0.9, 1.0, 1.4, 1.6, 0.0)
    season: tuple[float, ...] = FLAT
    spread: float = 0.25
    receipts: bool = False

    def on(self, life: Life, day: date) -> None:
        share = self.weekdays[day.weekday()] * self.season[day.month - 1]
        if not share:
            return
        total = cents(vary(self.value, self.spread, life.chance("takings", day)) * Decimal(str(share)))
        if self.receipts:
            line = {
                "Description": "Counter sales",
                "Amount": total,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"ItemRef": ref(life.items["Goods"])},
            }
            life.create("SalesReceipt", {"Line": [line]})
            return
        line = {
            "Description": "Takings of the day",
            "Amount": total,
            "DetailType": "DepositLineDetail",
            "DepositLineDetail": {"AccountRef": life.account("Product Sales")},
        }
        life.create("Deposit", {"DepositToAccountRef": life.account(CHECKING), "Line": [line]})


@dataclass(frozen=True, slots=True)
class DepositRun:
    """Everything in Undeposited Funds goes to the bank, one deposit per currency."""

    when: When

    def on(self, life: Life, day: date) -> None:
        if not self.when.hits(day, life.chance("deposit", day)):
            return
        held: dict[str, list[tuple[str, Doc]]] = defaultdict(list)
        for entity, doc in _undeposited(life):
            held[ref_value(doc, "CurrencyRef") or ""].append((entity, doc))
        for currency, docs in held.items():
            lines = [
                {"Amount": doc["TotalAmt"], "LinkedTxn": [{"TxnId": doc["Id"], "TxnType": entity, "TxnLineId": "0"}]}
                for entity, doc in docs
            ]
            more = {} if currency == life.company.currency else {"ExchangeRate": _mean_rate(docs)}
            life.create(
                "Deposit",
                {"DepositToAccountRef": life.account(CHECKING), "Line": lines, "CurrencyRef": ref(currency), **more},
            )


def _undeposited(life: Life) -> list[tuple[str, Doc]]:
    found = []
    funds = life.account("Undeposited Funds")["value"]
    for entity in ("Payment", "SalesReceipt"):
        for row in life.company.tables[entity].values():
            if b'"TxnType":"Deposit"' in row.text:
                continue
            doc = row.doc()
            if decimal(doc["TotalAmt"]) > 0 and ref_value(doc, "DepositToAccountRef") in {funds, None}:
                found.append((entity, doc))
    return found


def _mean_rate(docs: list[tuple[str, Doc]]) -> Decimal:
    foreign = sum((decimal(doc["TotalAmt"]) for _, doc in docs), Decimal(0))
    home = sum((decimal(doc["TotalAmt"]) * decimal(doc["ExchangeRate"]) for _, doc in docs), Decimal(0))
    return (home / foreign).quantize(Decimal("0.000001"))


@dataclass(frozen=True, slots=True)
class CreditMemos:
    """A customer gets something back; the credit is applied to its oldest open invoice after ten days."""

    customer: str
    value: str
    when: When
    item: str = "Design"

    def on(self, life: Life, day: date) -> None:
        luck = life.chance("memo", self.customer, day)
        if not self.when.hits(day, luck):
            return
        total = vary(self.value, 0.3, luck)
        line = {
            "Description": "Goodwill",
            "Amount": total,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": ref(life.items[self.item])},
        }
        customer = life.customers[self.customer]
        memo = life.create("CreditMemo", {"CustomerRef": ref(customer), "Line": [line]})
        life.later(day + timedelta(days=10), UseCreditMemo(memo["Id"], customer))


@dataclass(frozen=True, slots=True)
class UseCreditMemo:
    memo: str
    customer: str

    def run(self, life: Life, day: date) -> None:
        memo = life.company.get("CreditMemo", self.memo)
        left = decimal(memo["RemainingCredit"])
        invoices = [
            doc
            for doc in life.company.docs("Invoice")
            if ref_value(doc, "CustomerRef") == self.customer and decimal(doc["Balance"]) > left
        ]
        if not invoices or not left:
            return
        invoice = min(invoices, key=lambda doc: (doc["TxnDate"], int(doc["Id"])))
        lines = [
            {"Amount": left, "LinkedTxn": [{"TxnId": doc["Id"], "TxnType": kind}]}
            for doc, kind in ((invoice, "Invoice"), (memo, "CreditMemo"))
        ]
        life.create(
            "Payment",
            {
                "CustomerRef": ref(self.customer),
                "TotalAmt": Decimal(0),
                "Line": lines,
                "PrivateNote": "Created by QB Online to link credits to charges.",
                "TxnDate": day.isoformat(),
            },
        )
