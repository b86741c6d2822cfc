"""Very large companies, written straight into the tables: for benchmarks, not for people."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sandbox.books import chart
from sandbox.books.build import realm_of
from sandbox.books.company import Company, Row
from sandbox.books.values import Doc, amount, cents, currency_ref, day_at, decimal, encode, instant, ref

_LINES = ("Cost of Goods Sold", "Supplies & Materials", "Advertising", "Utilities", "Travel")
_DAYS = 1400
_INVOICE_SETTINGS: Doc = {
    "TxnTaxDetail": {"TotalTax": 0},
    "CustomField": [],
    "EmailStatus": "EmailSent",
    "BillEmail": {"Address": "ap@example.com"},
    "PrintStatus": "NeedToPrint",
    "FreeFormAddress": True,
    "ApplyTaxAfterDiscount": False,
    "AllowIPNPayment": False,
    "AllowOnlinePayment": False,
}


def bulk_bills(count: int, today: date, *, seed: int = 0, vendors: int = 400, open_share: float = 0.1) -> Company:
    """A company of `count` bills, all but `open_share` of them paid, each by its own bill payment."""
    bulk = _Bulk(f"bulk-bills-{count}", seed, today)
    bulk.add_names("Vendor", vendors)
    for _ in range(count):
        bulk.bill(paid=bulk.luck.random() >= open_share)
    return bulk.finish()


def bulk_mixed(count: int, today: date, *, seed: int = 0, vendors: int = 800, customers: int = 1200) -> Company:
    """About `count` transactions of every common kind."""
    bulk = _Bulk(f"bulk-mixed-{count}", seed, today)
    bulk.add_names("Vendor", vendors)
    bulk.add_names("Customer", customers)
    while bulk.made < count:
        dice = bulk.luck.random()
        if dice < 0.45:
            bulk.bill(paid=bulk.luck.random() < 0.93)
        elif dice < 0.75:
            bulk.invoice(paid=bulk.luck.random() < 0.95)
        elif dice < 0.92:
            bulk.purchase()
        elif dice < 0.97:
            bulk.deposit()
        else:
            bulk.transfer()
    return bulk.finish()


@dataclass(slots=True)
class _Bulk:
    key: str
    seed: int
    today: date
    luck: random.Random = field(init=False)
    company: Company = field(init=False)
    made: int = 0
    _sums: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    _names: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    _accounts: dict[str, str] = field(default_factory=dict)
    _waiting: list[tuple[str, int]] = field(default_factory=list)
    _start: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.luck = random.Random(f"{self.key}|{self.seed}")
        self.company = Company(realm_of(self.key, self.seed), f"Bulk {self.key}")
        self._start = day_at(self.today - timedelta(days=_DAYS), 9)
        chart.furnish(self.company, self._start)
        chart.add_company_rows(self.company, self._start, "Wholesale Distribution")
        for doc in self.company.docs("Account"):
            self._accounts[doc["FullyQualifiedName"]] = doc["Id"]

    def add_names(self, entity: str, count: int) -> None:
        for number in range(count):
            row_id = self.company.next_id(entity)
            name = f"{entity} {number:05d} Supply & Söhne"
            stamp = self._stamp(self._start)
            doc: Doc = {
                "Balance": 0,
                "CurrencyRef": currency_ref("USD"),
                "domain": "QBO",
                "sparse": False,
                "Id": row_id,
                "SyncToken": "0",
                "MetaData": stamp,
                "DisplayName": name,
                "PrintOnCheckName": name,
                "Active": True,
                "V4IDPseudonym": f"{number:040d}",
                "PrimaryEmailAddr": {"Address": f"ar{number}@example.com"},
            }
            doc |= (
                {"Vendor1099": False, "TermRef": ref("4")}
                if entity == "Vendor"
                else {"BalanceWithJobs": 0, "FullyQualifiedName": name, "Taxable": False, "Job": False}
            )
            self.company.put(entity, doc)
            self._names[entity].append((row_id, name))

    def _stamp(self, at: datetime) -> Doc:
        text = instant(at)
        return {"CreateTime": text, "LastUpdatedTime": text}

    def _moment(self) -> datetime:
        seconds = self.luck.randrange((_DAYS - 46) * 86_400)
        return self._start + timedelta(seconds=seconds)

    def _put(self, entity: str, doc: Doc, at: datetime, paid_at: datetime | None = None) -> None:
        updated = paid_at or at
        doc |= {
            "domain": "QBO",
            "sparse": False,
            "SyncToken": "1" if paid_at else "0",
            "MetaData": {"CreateTime": instant(at), "LastUpdatedTime": instant(updated)},
            "CurrencyRef": currency_ref("USD"),
        }
        row_id = str(doc["Id"])
        self.company.tables[entity][row_id] = Row(entity, row_id, encode(doc), int(updated.timestamp()))
        self.made += 1

    def _move(self, account: str, value: int) -> None:
        self._sums["Account", self._accounts[account]] += value

    def _account(self, name: str) -> Doc:
        return ref(self._accounts[name], name)

    def _expense(self, value: int) -> Doc:
        name = self.luck.choice(_LINES)
        self._move(name, value)
        return {
            "Id": "1",
            "LineNum": 1,
            "Description": "Goods as ordered",
            "Amount": amount(_dollars(value)),
            "LinkedTxn": [],
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {
                "AccountRef": self._account(name),
                "BillableStatus": "NotBillable",
                "TaxCodeRef": {"value": "NON"},
            },
            "CustomExtensions": [],
        }

    def bill(self, *, paid: bool) -> None:
        vendor, name = self.luck.choice(self._names["Vendor"])
        value, at = self.luck.randrange(1_500, 900_000), self._moment()
        row_id, issued = self.company.next_id("Bill"), at.date()
        doc: Doc = {
            "Id": row_id,
            "VendorRef": ref(vendor, name),
            "Line": [self._expense(value)],
            "TotalAmt": amount(_dollars(value)),
            "Balance": 0 if paid else amount(_dollars(value)),
            "TxnDate": issued.isoformat(),
            "DueDate": (issued + timedelta(days=30)).isoformat(),
            "DocNumber": f"B{row_id}",
            "SalesTermRef": ref("4"),
            "APAccountRef": self._account("Accounts Payable (A/P)"),
        }
        self._move("Accounts Payable (A/P)", -value)
        self._sums["Vendor", vendor] += value
        paid_at = self._settled_after(at) if paid else None
        if paid_at:
            payment = self._pay(row_id, ref(vendor, name), value, paid_at)
            doc["LinkedTxn"] = [{"TxnId": payment, "TxnType": "BillPaymentCheck"}]
        self._put("Bill", doc, at, paid_at)

    def _settled_after(self, at: datetime) -> datetime:
        return at + timedelta(seconds=self.luck.randrange(3600, 45 * 86_400))

    def _pay(self, bill: str, vendor: Doc, value: int, at: datetime) -> str:
        row_id = self.company.next_id("BillPayment")
        self._put(
            "BillPayment",
            {
                "Id": row_id,
                "VendorRef": vendor,
                "PayType": "Check",
                "TotalAmt": amount(_dollars(value)),
                "CheckPayment": {"BankAccountRef": self._account("Operating Checking"), "PrintStatus": "NotSet"},
                "DocNumber": row_id,
                "TxnDate": at.date().isoformat(),
                "Line": [{"Amount": amount(_dollars(value)), "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}],
            },
            at,
        )
        self._move("Accounts Payable (A/P)", value)
        self._move("Operating Checking", -value)
        self._sums["Vendor", vendor["value"]] -= value
        return row_id

    def _sales_lines(self, value: int) -> list[Doc]:
        line: Doc = {
            "Id": "1",
            "LineNum": 1,
            "Amount": amount(_dollars(value)),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {
                "ItemRef": ref("5", "Goods"),
                "ItemAccountRef": self._account("Product Sales"),
                "TaxCodeRef": {"value": "NON"},
            },
            "CustomExtensions": [],
        }
        subtotal: Doc = {"Amount": line["Amount"], "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
        return [line, subtotal]

    def invoice(self, *, paid: bool) -> None:
        customer, name = self.luck.choice(self._names["Customer"])
        value, at = self.luck.randrange(2_500, 1_200_000), self._moment()
        row_id, issued = self.company.next_id("Invoice"), at.date()
        self._move("Accounts Receivable (A/R)", value)
        self._move("Product Sales", -value)
        self._sums["Customer", customer] += value
        paid_at = self._settled_after(at) if paid else None
        links: list[Doc] = []
        if paid_at:
            links.append({"TxnId": self._receive(row_id, ref(customer, name), value, paid_at), "TxnType": "Payment"})
        self._put(
            "Invoice",
            {
                "Id": row_id,
                "CustomerRef": ref(customer, name),
                "Line": self._sales_lines(value),
                "LinkedTxn": links,
                "TotalAmt": amount(_dollars(value)),
                "Balance": 0 if paid else amount(_dollars(value)),
                "TxnDate": issued.isoformat(),
                "DueDate": (issued + timedelta(days=30)).isoformat(),
                "DocNumber": f"{row_id}",
                **_INVOICE_SETTINGS,
            },
            at,
            paid_at,
        )

    def _receive(self, invoice: str, customer: Doc, value: int, at: datetime) -> str:
        row_id = self.company.next_id("Payment")
        self._put(
            "Payment",
            {
                "Id": row_id,
                "CustomerRef": customer,
                "TotalAmt": amount(_dollars(value)),
                "UnappliedAmt": 0,
                "DepositToAccountRef": ref(self._accounts["Operating Checking"]),
                "ProcessPayment": False,
                "TxnDate": at.date().isoformat(),
                "Line": [{"Amount": amount(_dollars(value)), "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}],
            },
            at,
        )
        self._move("Operating Checking", value)
        self._move("Accounts Receivable (A/R)", -value)
        self._sums["Customer", customer["value"]] -= value
        return row_id

    def purchase(self) -> None:
        vendor, name = self.luck.choice(self._names["Vendor"])
        value, at = self.luck.randrange(400, 150_000), self._moment()
        self._put(
            "Purchase",
            {
                "Id": self.company.next_id("Purchase"),
                "AccountRef": self._account("Company Visa"),
                "Credit": False,
                "PaymentType": "CreditCard",
                "EntityRef": {**ref(vendor, name), "type": "Vendor"},
                "TotalAmt": amount(_dollars(value)),
                "TxnDate": at.date().isoformat(),
                "Line": [self._expense(value)],
            },
            at,
        )
        self._move("Company Visa", -value)

    def deposit(self) -> None:
        value, at = self.luck.randrange(5_000, 400_000), self._moment()
        line = {
            "Id": "1",
            "LineNum": 1,
            "Amount": amount(_dollars(value)),
            "DetailType": "DepositLineDetail",
            "DepositLineDetail": {"AccountRef": self._account("Product Sales")},
            "CustomExtensions": [],
        }
        self._put(
            "Deposit",
            {
                "Id": self.company.next_id("Deposit"),
                "TotalAmt": line["Amount"],
                "Line": [line],
                "DepositToAccountRef": self._account("Operating Checking"),
                "TxnTaxDetail": {},
                "TxnDate": at.date().isoformat(),
            },
            at,
        )
        self._move("Operating Checking", value)
        self._move("Product Sales", -value)

    def transfer(self) -> None:
        value, at = self.luck.randrange(10_000, 300_000), self._moment()
        self._put(
            "Transfer",
            {
                "Id": self.company.next_id("Transfer"),
                "Amount": amount(_dollars(value)),
                "FromAccountRef": self._account("Operating Checking"),
                "ToAccountRef": self._account("Tax Savings"),
                "TxnDate": at.date().isoformat(),
            },
            at,
        )
        self._move("Operating Checking", -value)
        self._move("Tax Savings", value)

    def finish(self) -> Company:
        """Write the balances the transactions add up to."""
        for (entity, row_id), value in self._sums.items():
            doc = self.company.get(entity, row_id)
            if entity == "Account" and doc["Classification"] in {"Revenue", "Expense"}:
                continue
            fields = {
                "Account": ("CurrentBalance", "CurrentBalanceWithSubAccounts"),
                "Vendor": ("Balance",),
                "Customer": ("Balance", "BalanceWithJobs"),
            }[entity]
            for key in fields:
                doc[key] = amount(_dollars(value))
            doc["MetaData"]["LastUpdatedTime"] = instant(datetime.combine(self.today, datetime.min.time(), UTC))
            self.company.put(entity, doc)
        for entity in self.company.versions:
            self.company.versions[entity] += 1
        return self.company


def _dollars(value: int) -> object:
    return cents(decimal(value) / 100)
