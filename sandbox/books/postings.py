"""Double entry: which accounts and which parties a document of each kind moves, and by how much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from weakref import WeakKeyDictionary

from sandbox.books.company import Company
from sandbox.books.values import ZERO, Doc, cents, decimal, ref_value


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg. Debits are positive. `amount` is in the document's currency, `home` in the company's."""

    account: str
    amount: Decimal
    home: Decimal
    party: tuple[str, str] | None = None


class Chart:
    """Finds the accounts a document means without naming them.

    Recorded companies may lack some: an empty id then, which no account has.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._by_type: dict[tuple[str, str], str] = {}
        self._by_sub_type: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        for doc in company.docs("Account"):
            currency = ref_value(doc, "CurrencyRef") or company.currency
            self._by_type.setdefault((doc["AccountType"], currency), doc["Id"])
            self._by_sub_type.setdefault(doc["AccountSubType"], doc["Id"])
            self._by_name.setdefault(doc["FullyQualifiedName"], doc["Id"])

    def payable(self, currency: str) -> str:
        return self._by_type.get(("Accounts Payable", currency), "")

    def receivable(self, currency: str) -> str:
        return self._by_type.get(("Accounts Receivable", currency), "")

    def sub_type(self, name: str) -> str:
        return self._by_sub_type.get(name, "")

    def find_sub_type(self, name: str) -> str | None:
        return self._by_sub_type.get(name)

    def named(self, name: str) -> str:
        return self._by_name[name]

    def uncategorised(self) -> str:
        named = self._by_name.get("Uncategorized Expense")
        return named or self._by_type.get(("Expense", self._company.currency), "")


@dataclass(slots=True)
class Voucher:
    """A document being posted: collects legs in its own currency and at its own rate."""

    company: Company
    chart: Chart
    doc: Doc

    @property
    def currency(self) -> str:
        return ref_value(self.doc, "CurrencyRef") or self.company.currency

    @property
    def rate(self) -> Decimal:
        return decimal(self.doc.get("ExchangeRate", 1)) or Decimal(1)

    def leg(self, account: str, value: Decimal, party: tuple[str, str] | None = None) -> Posting:
        return Posting(account, cents(value), cents(value * self.rate), party)

    def party(self, key: str, entity: str) -> tuple[str, str] | None:
        value = ref_value(self.doc, key)
        return (entity, value) if value else None


def _line_account(voucher: Voucher, line: Doc) -> str:
    detail = line.get(line.get("DetailType") or "", {})
    account = ref_value(detail, "AccountRef") or ref_value(detail, "ItemAccountRef")
    if account:
        return account
    item = voucher.company.find("Item", ref_value(detail, "ItemRef"))
    if item:
        wanted = "IncomeAccountRef" if "SalesItem" in line["DetailType"] else "ExpenseAccountRef"
        return ref_value(item, wanted) or ref_value(item, "IncomeAccountRef") or voucher.chart.uncategorised()
    return voucher.chart.uncategorised()


def _expense_lines(voucher: Voucher, sign: int) -> Iterator[Posting]:
    for line in voucher.doc.get("Line", ()):
        if line.get("DetailType") in {"AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"}:
            yield voucher.leg(_line_account(voucher, line), sign * decimal(line.get("Amount")))


def _sales_lines(voucher: Voucher, sign: int) -> Iterator[Posting]:
    """Income legs; `sign` is -1 for a sale (credit) and +1 for its reversal."""
    for line in voucher.doc.get("Line", ()):
        detail = line.get("DetailType")
        value = decimal(line.get("Amount"))
        if detail == "SalesItemLineDetail":
            yield voucher.leg(_line_account(voucher, line), sign * value)
        elif detail == "DiscountLineDetail":
            account = ref_value(line[detail], "DiscountAccountRef") or voucher.chart.sub_type("DiscountsRefundsGiven")
            yield voucher.leg(account, -sign * value)
    tax = decimal((voucher.doc.get("TxnTaxDetail") or {}).get("TotalTax"))
    if tax:
        account = voucher.chart.find_sub_type("GlobalTaxPayable") or voucher.chart.uncategorised()
        yield voucher.leg(account, sign * tax)


def _balance_home(legs: list[Posting], chart: Chart) -> list[Posting]:
    """Close the rate difference (or the cent of rounding) of a foreign document in home currency."""
    gap = sum((leg.home for leg in legs), ZERO)
    if not gap:
        return legs
    account = chart.find_sub_type("ExchangeGainOrLoss") or chart.uncategorised()
    return [*legs, Posting(account, ZERO, -gap)]


def _bill(voucher: Voucher, sign: int = 1) -> list[Posting]:
    account = ref_value(voucher.doc, "APAccountRef") or voucher.chart.payable(voucher.currency)
    owed = voucher.leg(account, -sign * decimal(voucher.doc.get("TotalAmt")), voucher.party("VendorRef", "Vendor"))
    return [owed, *_expense_lines(voucher, sign)]


def _vendor_credit(voucher: Voucher) -> list[Posting]:
    return _bill(voucher, -1)


def _settled_home(voucher: Voucher, target: str) -> Decimal:
    """What the linked documents were booked at in home currency, less the linked credits."""
    company, total = voucher.company, ZERO
    for line in voucher.doc.get("Line", ()):
        for link in line.get("LinkedTxn", ()):
            linked = company.find(link["TxnType"], link["TxnId"]) or {}
            rate = decimal(linked.get("ExchangeRate", 1)) or Decimal(1)
            sign = 1 if link["TxnType"] == target else -1
            total += sign * cents(decimal(line["Amount"]) * rate)
    return total


def linked_total(doc: Doc, target: str) -> Decimal:
    """Net amount the lines apply: documents of `target` less credits."""
    total = ZERO
    for line in doc.get("Line", ()):
        for link in line.get("LinkedTxn", ()):
            total += decimal(line.get("Amount")) * (1 if link["TxnType"] == target else -1)
    return total


def _bill_payment(voucher: Voucher) -> list[Posting]:
    doc = voucher.doc
    paid = decimal(doc.get("TotalAmt"))
    holder = doc.get("CheckPayment") or doc.get("CreditCardPayment") or {}
    source = ref_value(holder, "BankAccountRef") or ref_value(holder, "CCAccountRef")
    account = ref_value(doc, "APAccountRef") or voucher.chart.payable(voucher.currency)
    unlinked = paid - linked_total(doc, "Bill")
    home = _settled_home(voucher, "Bill") + cents(unlinked * voucher.rate)
    party = voucher.party("VendorRef", "Vendor")
    credit = voucher.leg(source or voucher.chart.sub_type("Checking"), -paid)
    return [Posting(account, cents(paid), home, party), credit]


def _purchase(voucher: Voucher) -> list[Posting]:
    doc = voucher.doc
    sign = -1 if doc.get("Credit") else 1
    source = ref_value(doc, "AccountRef") or voucher.chart.sub_type("Checking")
    return [voucher.leg(source, -sign * decimal(doc.get("TotalAmt"))), *_expense_lines(voucher, sign)]


def _invoice(voucher: Voucher, sign: int = 1) -> list[Posting]:
    account = ref_value(voucher.doc, "ARAccountRef") or voucher.chart.receivable(voucher.currency)
    party = voucher.party("CustomerRef", "Customer")
    owed = voucher.leg(account, sign * decimal(voucher.doc.get("TotalAmt")), party)
    return [owed, *_sales_lines(voucher, -sign)]


def _credit_memo(voucher: Voucher) -> list[Posting]:
    return _invoice(voucher, -1)


def _payment(voucher: Voucher) -> list[Posting]:
    doc = voucher.doc
    paid = decimal(doc.get("TotalAmt"))
    into = ref_value(doc, "DepositToAccountRef") or voucher.chart.sub_type("UndepositedFunds")
    account = ref_value(doc, "ARAccountRef") or voucher.chart.receivable(voucher.currency)
    unlinked = paid - linked_total(doc, "Invoice")
    home = -(_settled_home(voucher, "Invoice") + cents(unlinked * voucher.rate))
    owed = Posting(account, -cents(paid), home, voucher.party("CustomerRef", "Customer"))
    return [voucher.leg(into, paid), owed]


def _sales_receipt(voucher: Voucher, sign: int = 1) -> list[Posting]:
    into = ref_value(voucher.doc, "DepositToAccountRef") or voucher.chart.sub_type("UndepositedFunds")
    return [voucher.leg(into, sign * decimal(voucher.doc.get("TotalAmt"))), *_sales_lines(voucher, -sign)]


def _refund_receipt(voucher: Voucher) -> list[Posting]:
    return _sales_receipt(voucher, -1)


def _received(voucher: Voucher, line: Doc) -> Posting | None:
    """A deposited payment leaves its account at the rate it came in with."""
    for link in line.get("LinkedTxn", ()):
        held = voucher.company.find(link["TxnType"], str(link["TxnId"]))
        if held:
            account = ref_value(held, "DepositToAccountRef") or voucher.chart.sub_type("UndepositedFunds")
            value = decimal(line.get("Amount"))
            return Posting(account, -cents(value), -cents(value * (decimal(held.get("ExchangeRate")) or Decimal(1))))
    return None


def _deposit(voucher: Voucher) -> list[Posting]:
    doc = voucher.doc
    legs = [voucher.leg(ref_value(doc, "DepositToAccountRef") or "", decimal(doc.get("TotalAmt")))]
    for line in doc.get("Line", ()):
        detail = line.get("DepositLineDetail") or {}
        account = ref_value(detail, "AccountRef") or voucher.chart.sub_type("UndepositedFunds")
        legs.append(_received(voucher, line) or voucher.leg(account, -decimal(line.get("Amount"))))
    cash_back = doc.get("CashBack")
    if cash_back:
        legs.append(voucher.leg(ref_value(cash_back, "AccountRef") or "", decimal(cash_back.get("Amount"))))
    return legs


def _transfer(voucher: Voucher) -> list[Posting]:
    value = decimal(voucher.doc.get("Amount"))
    source, target = ref_value(voucher.doc, "FromAccountRef") or "", ref_value(voucher.doc, "ToAccountRef") or ""
    return [voucher.leg(target, value), voucher.leg(source, -value)]


def _journal_entry(voucher: Voucher) -> list[Posting]:
    legs = []
    for line in voucher.doc.get("Line", ()):
        detail = line.get("JournalEntryLineDetail") or {}
        sign = 1 if detail.get("PostingType") == "Debit" else -1
        entity = detail.get("Entity") or {}
        holder = ref_value(entity, "EntityRef")
        party = (str(entity.get("Type")), holder) if holder else None
        legs.append(voucher.leg(_line_account(voucher, line), sign * decimal(line.get("Amount")), party))
    return legs


_RULES: dict[str, Callable[[Voucher], list[Posting]]] = {
    "Bill": _bill,
    "VendorCredit": _vendor_credit,
    "BillPayment": _bill_payment,
    "Purchase": _purchase,
    "Invoice": _invoice,
    "CreditMemo": _credit_memo,
    "Payment": _payment,
    "SalesReceipt": _sales_receipt,
    "RefundReceipt": _refund_receipt,
    "Deposit": _deposit,
    "Transfer": _transfer,
    "JournalEntry": _journal_entry,
}


_charts: WeakKeyDictionary[Company, tuple[int, Chart]] = WeakKeyDictionary()


def chart_of(company: Company) -> Chart:
    cached = _charts.get(company)
    if cached is None or cached[0] != company.structure:
        cached = (company.structure, Chart(company))
        _charts[company] = cached
    return cached[1]


def postings(company: Company, entity: str, doc: Doc) -> list[Posting]:
    """Every leg of a document; none for documents that do not post (estimates, orders)."""
    rule = _RULES.get(entity)
    if rule is None:
        return []
    chart = chart_of(company)
    voucher = Voucher(company, chart, doc)
    legs = [leg for leg in rule(voucher) if leg.amount or leg.home]
    return legs if voucher.currency == company.currency else _balance_home(legs, chart)
