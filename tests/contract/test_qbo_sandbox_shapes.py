"""The stand-in's documents have the keys and types that recorded answers of QuickBooks have."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.books.values import decode
from tests.contract.qbo_sandbox_world import TODAY, bare_company, invoice_payload, stand
from tests.raised import company_of

pytestmark = pytest.mark.unmeasured

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "qbo"
RECORDED = SHARED / "craigs-2026"
ENTITIES = (
    "Bill",
    "BillPayment",
    "Vendor",
    "Invoice",
    "Payment",
    "CreditMemo",
    "Customer",
    "Account",
    "Purchase",
    "Deposit",
    "JournalEntry",
    "Item",
)
# Keys every recorded row has although the recorded company's own settings put them there.
COMPANY_SPECIFIC = {"Customer": {"GivenName"}, "CreditMemo": {"ShipAddr", "ShipFromAddr"}}

needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded answers under {RECORDED}")


def recorded(entity: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = decode((RECORDED / f"query-{entity}.json").read_bytes())["QueryResponse"][entity]
    return rows


def kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | Decimal) else type(value).__name__


def shape(node: Any, path: str = "") -> set[tuple[str, str]]:
    """Every path in a document with the JSON type found there; list positions are one place."""
    if isinstance(node, dict):
        parts = [shape(value, f"{path}.{key}") for key, value in node.items()]
    elif isinstance(node, list):
        parts = [shape(item, f"{path}[]") for item in node]
    else:
        return {(path, kind(node))}
    return {(path, type(node).__name__)}.union(*parts)


def detail_free(shapes: set[tuple[str, str]]) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for path, found in shapes:
        kinds.setdefault(path, set()).add(found)
    return kinds


@needs_recordings
@pytest.mark.parametrize("entity", ENTITIES)
def test_every_row_has_the_keys_that_every_recorded_row_has(entity: str) -> None:
    rows = recorded(entity)
    always = set.intersection(*(set(row) for row in rows)) - COMPANY_SPECIFIC.get(entity, set())
    ours = list(company_of("harbor-pine", seed=1, today=TODAY).docs(entity))
    assert ours
    spoilt = {"VendorRef", "DueDate", "BillAddr"}
    lacking = {key for row in ours for key in always - set(row)}
    assert lacking <= spoilt


@needs_recordings
@pytest.mark.parametrize("entity", ENTITIES)
def test_wherever_both_have_a_value_its_type_agrees(entity: str) -> None:
    theirs = detail_free(set().union(*(shape(row) for row in recorded(entity))))
    company = company_of("harbor-pine", seed=1, today=TODAY)
    ours = detail_free(set().union(*(shape(row) for row in company.docs(entity))))
    both = ours.keys() & theirs.keys()
    different = {path: (ours[path], theirs[path]) for path in both if not ours[path] & theirs[path]}
    assert different == {}


@needs_recordings
@pytest.mark.parametrize(
    ("entity", "counted"),
    [
        ("Bill", True),
        ("Invoice", True),
        ("Deposit", True),
        ("JournalEntry", True),
        ("Vendor", False),
        ("Payment", False),
        ("Purchase", False),
        ("Account", False),
        ("CreditMemo", False),
    ],
)
async def test_page_counts_appear_where_they_were_recorded(entity: str, *, counted: bool) -> None:
    answer = json.loads((RECORDED / f"query-{entity}.json").read_text())["QueryResponse"]
    async with stand(company_of("harbor-pine", seed=1, today=TODAY)) as at:
        page = await at.query(f"select * from {entity} maxresults 3")
        assert ("totalCount" in page, "totalCount" in answer) == (counted, counted)
        assert page.keys() - {"totalCount"} == answer.keys() - {"totalCount"}


def http_recording(name: str) -> Any:
    return json.loads((SHARED / "recorded-http-2020" / f"{name}.json").read_text())


@needs_recordings
async def test_a_dead_token_is_answered_with_the_recorded_keys() -> None:
    [exchange] = http_recording("error-401")
    async with stand() as at:
        answer = await at.http.get(f"{at.base}/customer/1", headers={"authorization": "Bearer dead"})
        assert shape(answer.json()) == shape(exchange["response"]["body"])
        assert answer.headers["www-authenticate"] == exchange["response"]["headers"]["Www-Authenticate"]


@needs_recordings
async def test_refused_queries_and_names_are_answered_as_recorded() -> None:
    misspelt = http_recording("error-400")[1]["response"]["body"]["Fault"]
    [taken] = http_recording("error-validation")
    async with stand() as at:
        assert (await at.get("query", query="SELECT * FROM Custmoer")).json()["Fault"] == misspelt
        answer = await at.post("customer", {"DisplayName": "Fjord Café"})
        assert answer.json()["Fault"] == taken["response"]["body"]["Fault"]


@needs_recordings
async def test_deleting_answers_with_the_recorded_stub() -> None:
    exchange = http_recording("delete-invoice")[1]
    async with stand() as at:
        await at.post("invoice", invoice_payload())
        answer = (await at.post("invoice", {"Id": "1", "SyncToken": "0"}, operation="delete")).json()
        assert answer["Invoice"] == {**exchange["response"]["body"]["Invoice"], "Id": "1"}


@needs_recordings
async def test_the_recorded_batch_comes_back_with_the_recorded_kinds_of_results() -> None:
    [exchange] = http_recording("batch-basic")
    request = json.loads(exchange["request"]["body"])
    async with stand() as at:
        answer = (await at.post("batch", request)).json()
        expected = [sorted(item) for item in exchange["response"]["body"]["BatchItemResponse"]]
        assert [sorted(item) for item in answer["BatchItemResponse"]][:2] == expected[:2]
        stale = exchange["response"]["body"]["BatchItemResponse"][1]["Fault"]
        assert answer["BatchItemResponse"][1]["Fault"] == stale


def repointed(node: Any) -> Any:
    """A recorded request with its references turned to rows of the bare company."""
    rows = {"VendorRef": "1", "CustomerRef": "2", "ItemRef": "1", "AccountRef": "51", "DepositToAccountRef": "1"}
    if isinstance(node, list):
        return [repointed(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: {"value": rows[key]} if key in rows else repointed(value) for key, value in node.items()}


@needs_recordings
@pytest.mark.parametrize("entity", ["Bill", "Payment", "CreditMemo", "Vendor", "Customer", "Deposit"])
async def test_recorded_creations_are_accepted_and_answered_with_the_recorded_keys(entity: str) -> None:
    exchanges = json.loads((RECORDED / "writes-and-reads.json").read_text())
    path = f"/{entity.lower()}"
    sent = next(item for item in exchanges if item["path"].endswith(path) and "Id" not in item["request"]["data"])
    company = bare_company()
    async with stand(company) as at:
        payload = repointed(sent["request"]["data"])
        answer = (await at.post(entity.lower(), payload)).json()
        assert entity in answer, answer
        missing = sent["body"][entity].keys() - answer[entity].keys()
    # Which addresses, identifiers and rates a row carries is the recorded company's own history.
    assert missing <= {
        "BillAddr",
        "ShipAddr",
        "ShipFromAddr",
        "DefaultTaxCodeRef",
        "BillRate",
        "CostRate",
        "V4IDPseudonym",
        "VendorAddr",
    }
