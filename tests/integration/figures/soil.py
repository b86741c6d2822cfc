"""Spoils books as no form would allow: what imports, plug-ins and tired people leave behind."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sandbox.books.company import Company
from tests.integration.figures.by_hand import Json

PARTIES = {"Bill": ("VendorRef", "Vendor"), "Invoice": ("CustomerRef", "Customer")}

# Around the rules' edges, seen from 23 November: today, 7 and 30 days ahead, 180 days ago.
EDGES = ["2026-11-22", "2026-11-23", "2026-11-30", "2026-12-01", "2026-12-23", "2026-12-24", "2026-05-27", "2026-05-26"]


def soil(company: Company, seed: int, count: int) -> None:
    """`count` bills and as many invoices, some vendors and customers; each opened again and spoiled in one way."""
    luck = Random(seed)
    for entity in PARTIES:
        for doc in luck.sample(list(company.docs(entity)), count):
            luck.choice(WAYS)(company, luck, entity, doc)
            company.put(entity, doc)
    for kind in ("Vendor", "Customer"):
        for party in luck.sample(list(company.docs(kind)), 4):
            told: Json = luck.choice(
                [{"Active": False}, {"DisplayName": " "}, {"PrimaryEmailAddr": None}, {"TermRef": None}]
            )
            company.put(kind, party | told)


def opened_again(_: Company, luck: Random, __: str, doc: Json) -> None:
    doc |= {"Balance": doc["TotalAmt"], "DueDate": luck.choice(EDGES)}


def negative(_: Company, luck: Random, __: str, doc: Json) -> None:
    total = -abs(Decimal(str(doc["TotalAmt"])))
    doc |= {"Balance": total} | luck.choice([{}, {"TotalAmt": total}])


def nothing(_: Company, luck: Random, __: str, doc: Json) -> None:
    doc |= luck.choice([{"TotalAmt": 0, "Balance": 5}, {"Balance": Decimal("0.01")}])


def undated(_: Company, luck: Random, __: str, doc: Json) -> None:
    early = (date.fromisoformat(doc["TxnDate"]) - timedelta(days=luck.randrange(1, 5))).isoformat()
    doc |= {"Balance": doc["TotalAmt"], "DueDate": luck.choice([None, early, doc["TxnDate"]]), "SalesTermRef": None}


def nobodys(_: Company, luck: Random, entity: str, doc: Json) -> None:
    doc |= {"Balance": doc["TotalAmt"], PARTIES[entity][0]: luck.choice([None, {"value": "99999"}, {"value": ""}])}


def twin(company: Company, luck: Random, entity: str, doc: Json) -> None:
    named, kind = PARTIES[entity]
    party = luck.choice(sorted(one["Id"] for one in company.docs(kind))[:3])
    doc |= {"Balance": doc["TotalAmt"], "DocNumber": luck.choice(["A-1", " a-1 ", ""]), named: {"value": party}}


def posted_nowhere(company: Company, luck: Random, _: str, doc: Json) -> None:
    expenses = sorted(one["Id"] for one in company.docs("Account") if one["AccountType"] == "Expense")
    for line in doc["Line"]:
        if "AccountBasedExpenseLineDetail" in line:
            told: Json = luck.choice([{}, {"AccountRef": {"value": luck.choice(expenses)}}])
            line["AccountBasedExpenseLineDetail"] = told
    doc["Balance"] = doc["TotalAmt"]


def unsent(_: Company, luck: Random, __: str, doc: Json) -> None:
    mail = luck.choice([None, {"Address": " "}, {"Address": "a@b.example"}])
    doc |= {"Balance": doc["TotalAmt"], "BillEmail": mail, "EmailStatus": "NotSet", "DeliveryInfo": None}


WAYS: tuple[Callable[[Company, Random, str, Json], None], ...] = (
    opened_again,
    negative,
    nothing,
    undated,
    nobodys,
    twin,
    posted_nowhere,
    unsent,
)
