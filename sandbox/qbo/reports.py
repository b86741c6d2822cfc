"""AgedPayables, AgedReceivables, BalanceSheet and ProfitAndLoss, computed from the postings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.books.balances import PROFIT_AND_LOSS, account_value
from sandbox.books.company import Company
from sandbox.books.entities import TRANSACTIONS
from sandbox.books.faults import BookFault, missing_parameter
from sandbox.books.postings import postings
from sandbox.books.values import ZERO, Doc, cents, decimal, encode, instant, pacific_day, ref_value
from sandbox.qbo.wire import Answer

_BUCKETS = ("current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "total")
_SECTIONS = (
    ("BankAccounts", "Bank Accounts", ("Bank",)),
    ("AR", "Accounts Receivable", ("Accounts Receivable",)),
    ("OtherCurrentAssets", "Other Current Assets", ("Other Current Asset",)),
    ("FixedAssets", "Fixed Assets", ("Fixed Asset", "Other Asset")),
    ("AP", "Accounts Payable", ("Accounts Payable",)),
    ("CreditCards", "Credit Cards", ("Credit Card",)),
    ("OtherCurrentLiabilities", "Other Current Liabilities", ("Other Current Liability",)),
    ("LongTermLiabilities", "Long-Term Liabilities", ("Long Term Liability",)),
)


def report(company: Company, name: str, params: Mapping[str, str], now: datetime) -> Answer:
    """Raises BookFault 5020 for a report that is not served."""
    as_of = _day(params.get("report_date") or params.get("end_date"), pacific_day(now))
    match name:
        case "AgedPayables":
            body = _aging(company, as_of, (("Bill", "Balance", 1), ("VendorCredit", "Balance", -1)), "VendorRef")
        case "AgedReceivables":
            parts = (("Invoice", "Balance", 1), ("CreditMemo", "Balance", -1), ("Payment", "UnappliedAmt", -1))
            body = _aging(company, as_of, parts, "CustomerRef")
        case "BalanceSheet":
            body = _balance_sheet(company, as_of)
        case "ProfitAndLoss":
            body = _profit_and_loss(company, _day(params.get("start_date"), as_of.replace(month=1, day=1)), as_of)
        case _:
            raise BookFault("5020", "Permission Denied Error", f"Permission Denied Error : {name}", http=400)
    body["Header"] = _header(company, name, as_of, now, bool(body["Rows"]["Row"]))
    return Answer(encode(body), reads=1, entity=name)


def _day(text: str | None, default: date) -> date:
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise missing_parameter("report_date") from None


def _header(company: Company, name: str, as_of: date, now: datetime, filled: object) -> Doc:
    return {
        "Time": instant(now),
        "ReportName": name,
        "ReportBasis": "Accrual",
        "StartPeriod": as_of.isoformat(),
        "EndPeriod": as_of.isoformat(),
        "Currency": company.currency,
        "Option": [
            {"Name": "report_date", "Value": as_of.isoformat()},
            {"Name": "NoReportData", "Value": "false" if filled else "true"},
        ],
    }


def _columns(*titles: str) -> Doc:
    first = {"ColTitle": "", "ColType": "String", "MetaData": [{"Name": "ColKey", "Value": "name"}]}
    rest = [
        {"ColTitle": title.title(), "ColType": "Money", "MetaData": [{"Name": "ColKey", "Value": title}]}
        for title in titles
    ]
    return {"Column": [first, *rest]}


def _money(value: Decimal) -> Doc:
    return {"value": f"{cents(value)}" if value else ""}


def _bucket(due: str | None, as_of: date) -> int:
    late = (as_of - date.fromisoformat(due)).days if due else 0
    return 0 if late <= 0 else min(4, 1 + (late - 1) // 30)


def _aging(company: Company, as_of: date, parts: tuple[tuple[str, str, int], ...], key: str) -> Doc:
    """Open balances as they stand now, in home currency, aged to the day asked for."""
    rows: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO] * 5)
    names: dict[str, str] = {}
    for entity, field, sign in parts:
        for doc in company.docs(entity):
            value = sign * decimal(doc.get(field)) * (decimal(doc.get("ExchangeRate")) or 1)
            if value:
                party = ref_value(doc, key) or ""
                names[party] = (doc.get(key) or {}).get("name", "Not specified")
                rows[party][_bucket(doc.get("DueDate"), as_of)] += value
    lines: list[Any] = [
        {"ColData": [{"value": names[party], "id": party}, *map(_money, (*row, sum(row, ZERO)))], "type": "Data"}
        for party, row in sorted(rows.items(), key=lambda item: names[item[0]])
    ]
    if lines:
        totals = [sum((row[index] for row in rows.values()), ZERO) for index in range(5)]
        cells = [{"value": "TOTAL"}, *map(_money, (*totals, sum(totals, ZERO)))]
        lines.append({"Summary": {"ColData": cells}, "type": "Section", "group": "GrandTotal"})
    return {"Columns": _columns(*_BUCKETS), "Rows": {"Row": lines}}


def _sums(company: Company, first: date | None, last: date) -> dict[str, Decimal]:
    """Debit-positive sums per account over the transactions dated in the span."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    accounts = {doc["Id"]: doc for doc in company.docs("Account")}
    low = first.isoformat() if first else ""
    for entity in TRANSACTIONS:
        for doc in company.docs(entity):
            if low <= doc["TxnDate"] <= last.isoformat():
                for leg in postings(company, entity, doc):
                    sums[leg.account] += account_value(company, accounts[leg.account], leg)
    return sums


def _section(group: str, title: str, rows: list[tuple[str, str, Decimal]]) -> Doc:
    total = sum((value for _, _, value in rows), ZERO)
    return {
        "Header": {"ColData": [{"value": title}, {"value": ""}]},
        "Rows": {
            "Row": [
                {"ColData": [{"value": name, "id": row_id}, _money(value)], "type": "Data"}
                for row_id, name, value in rows
            ]
        },
        "Summary": {"ColData": [{"value": f"Total {title}"}, _money(total)]},
        "type": "Section",
        "group": group,
    }


def _balance_sheet(company: Company, as_of: date) -> Doc:
    sums = _sums(company, None, as_of)
    accounts = list(company.docs("Account"))
    sections = []
    for group, title, kinds in _SECTIONS:
        rows = [
            (doc["Id"], doc["FullyQualifiedName"], _shown(doc, sums[doc["Id"]]))
            for doc in accounts
            if doc["AccountType"] in kinds and sums[doc["Id"]]
        ]
        sections.append(_section(group, title, rows))
    equity = [
        (doc["Id"], doc["FullyQualifiedName"], -sums[doc["Id"]])
        for doc in accounts
        if doc["AccountType"] == "Equity" and sums[doc["Id"]]
    ]
    earned = -sum((sums[doc["Id"]] for doc in accounts if doc["Classification"] in PROFIT_AND_LOSS), ZERO)
    sections.append(_section("Equity", "Equity", [*equity, ("", "Net Income", earned)]))
    return {"Columns": _columns("total"), "Rows": {"Row": sections}}


def _shown(account: Doc, value: Decimal) -> Decimal:
    """Liabilities are shown positive when owed, although the API's balances are negative."""
    return -value if account["Classification"] == "Liability" else value


def _profit_and_loss(company: Company, first: date, last: date) -> Doc:
    sums = _sums(company, first, last)
    sections = []
    for group, title, classification in (("Income", "Income", "Revenue"), ("Expenses", "Expenses", "Expense")):
        sign = -1 if classification == "Revenue" else 1
        rows = [
            (doc["Id"], doc["FullyQualifiedName"], sign * sums[doc["Id"]])
            for doc in company.docs("Account")
            if doc["Classification"] == classification and sums[doc["Id"]]
        ]
        sections.append(_section(group, title, rows))
    return {"Columns": _columns("total"), "Rows": {"Row": sections}}
