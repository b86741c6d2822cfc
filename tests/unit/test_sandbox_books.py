"""The seeded companies tie out, are the same every time, and can be seen as they stood on an earlier day."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.books import Company, build, check, live_a_day
from sandbox.books.bulk import bulk_bills, bulk_mixed
from sandbox.books.entities import TRANSACTIONS
from sandbox.books.faults import BookFault
from sandbox.books.values import day_at, decimal, ref_value
from sandbox.qbo import mutations
from tests.raised import company_of

pytestmark = pytest.mark.unmeasured

TODAY = date(2026, 11, 21)


def rows(company: Company) -> dict[str, bytes]:
    return {f"{entity} {row.id}": row.text for entity, table in company.tables.items() for row in table.values()}


def cash(company: Company) -> Decimal:
    accounts = company.docs("Account")
    return next(decimal(doc["CurrentBalance"]) for doc in accounts if doc["Name"] == "Operating Checking")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    first, second = rows(build("soloist", 3, TODAY)), rows(build("soloist", 3, TODAY))
    first = {key: text for key, text in first.items() if not key.startswith("CompanyInfo")}
    assert first.items() <= second.items()
    assert rows(build("soloist", 4, TODAY)) != second


def test_cash_today_is_what_the_character_says() -> None:
    assert cash(build("soloist", 9, TODAY)) == Decimal("31960.45")
    assert cash(build("soloist", 9, TODAY, realm="9341450000000042")) == Decimal("31960.45")


def test_an_earlier_day_knows_nothing_of_later_ones_and_grows_into_today() -> None:
    then = TODAY - timedelta(days=91)
    past, now = build("nonprofit", 2, TODAY, until=then), build("nonprofit", 2, TODAY)
    dates = {doc["TxnDate"] for entity in TRANSACTIONS for doc in past.docs(entity)}
    assert max(dates) < then.isoformat()
    stamps = [row.updated for table in past.tables.values() for row in table.values()]
    assert max(stamps) < day_at(then, 0).timestamp()
    while live_a_day(past) < TODAY - timedelta(days=1):
        pass
    assert rows(past) == rows(now)


def test_a_company_lives_on_and_still_ties_out() -> None:
    company = build("harbor-pine", 1, TODAY)
    before = len(company.tables["Bill"])
    lived = [live_a_day(company) for _ in range(30)]
    assert lived[0] == TODAY
    assert len(company.tables["Bill"]) > before
    assert check(company) == []


def test_bulk_companies_tie_out_and_have_the_size_asked_for() -> None:
    bills, mixed = bulk_bills(500, TODAY), bulk_mixed(900, TODAY)
    assert (check(bills), check(mixed)) == ([], [])
    assert len(bills.tables["Bill"]) == 500
    assert sum(len(mixed.tables[entity]) for entity in TRANSACTIONS) >= 900


@pytest.mark.parametrize(
    ("entity", "key", "words"),
    [
        ("Account", "CurrentBalance", "postings"),
        ("Vendor", "Balance", "postings"),
        ("Bill", "Balance", "payments"),
        ("Invoice", "TotalAmt", "lines"),
    ],
)
def test_a_single_wrong_balance_is_noticed(entity: str, key: str, words: str) -> None:
    company = company_of("soloist", seed=1, today=TODAY)
    doc = next(doc for doc in company.docs(entity) if doc[key])
    doc[key] = decimal(doc[key]) + 1
    company.put(entity, doc)
    assert any(words in problem for problem in check(company))


def _pick(luck: random.Random, company: Company, entity: str) -> str:
    return luck.choice(sorted(company.tables[entity], key=int))


def _mutation(luck: random.Random, company: Company) -> dict[str, Any]:
    """Something a person might do; many of them are rightly refused."""
    choice = luck.randrange(11)
    entity = luck.choice(["Bill", "Invoice", "BillPayment", "Payment", "Deposit", "Purchase", "VendorCredit"])
    party = luck.choice(["Vendor", "Customer"])
    note = {"PrivateNote": f"seen {choice}"}
    share = f"{luck.uniform(1, 90):.2f}"
    orders: list[dict[str, Any]] = [
        {"op": "pay_bill", "id": _pick(luck, company, "Bill")},
        {"op": "pay_bill", "id": _pick(luck, company, "Bill"), "amount": share},
        {"op": "receive_payment", "id": _pick(luck, company, "Invoice")},
        {"op": "receive_payment", "id": _pick(luck, company, "Invoice"), "amount": share},
        {"op": "delete", "entity": entity, "id": _pick(luck, company, entity)},
        {"op": "void", "entity": "BillPayment", "id": _pick(luck, company, "BillPayment")},
        {"op": "void", "entity": "Payment", "id": _pick(luck, company, "Payment")},
        {"op": "edit", "entity": entity, "id": _pick(luck, company, entity), "set": note},
        {"op": "merge", "entity": party, "id": _pick(luck, company, party), "into": _pick(luck, company, party)},
        {"op": "inactivate", "entity": party, "id": _pick(luck, company, party)},
        {"op": "rename", "entity": party, "id": _pick(luck, company, party), "name": f"Renamed {share}"},
    ]
    return orders[choice]


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_books_tie_out_whatever_people_do_to_them(seed: int) -> None:
    luck = random.Random(seed)
    company = company_of("harbor-pine", seed=1, today=TODAY)
    done = 0
    for step in range(80):
        before = rows(company)
        try:
            mutations.apply(company, _mutation(luck, company), day_at(TODAY, 10, step // 60, step % 60))
            done += 1
        except (BookFault, KeyError):
            assert rows(company) == before
    assert done > 30
    assert check(company) == []


def test_renaming_reaches_every_document_that_shows_the_name() -> None:
    company = company_of("harbor-pine", seed=1, today=TODAY)
    vendor = next(doc for doc in company.docs("Vendor") if doc["DisplayName"] == "AT&T")
    stamps = {doc["Id"]: doc["MetaData"]["LastUpdatedTime"] for doc in company.docs("Bill")}
    mutations.apply(
        company, {"op": "rename", "entity": "Vendor", "id": vendor["Id"], "name": "Comcast"}, day_at(TODAY, 11)
    )
    shown = {
        doc["VendorRef"]["name"]
        for entity in ("Bill", "BillPayment")
        for doc in company.docs(entity)
        if ref_value(doc, "VendorRef") == vendor["Id"]
    }
    assert shown == {"Comcast"}
    assert {doc["Id"]: doc["MetaData"]["LastUpdatedTime"] for doc in company.docs("Bill")} == stamps
