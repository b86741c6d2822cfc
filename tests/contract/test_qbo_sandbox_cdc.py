"""Change data capture of the stand-in: what it shows, what it hides, where it stops."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.books import writes
from sandbox.books.values import instant
from tests.contract.qbo_sandbox_world import (
    EARLIER,
    NOW,
    Stand,
    account,
    bare_company,
    bill_payload,
    fault,
    invoice_payload,
    payment_payload,
    stand,
)

SINCE = instant(NOW - timedelta(minutes=5))


async def changes(at: Stand, entities: str, since: str = SINCE) -> list[dict[str, list[dict[str, Any]]]]:
    answer = await at.get("cdc", entities=entities, changedSince=since)
    assert answer.status_code == 200, answer.text
    slots: list[dict[str, list[dict[str, Any]]]] = answer.json()["CDCResponse"][0]["QueryResponse"]
    return slots


async def test_one_slot_per_entity_in_the_order_asked_and_empty_ones_stay_empty() -> None:
    async with stand() as at:
        await at.post("bill", bill_payload(at.company))
        slots = await changes(at, "Term,bill,INVOICE")
        assert slots[0] == {}
        assert slots[1]["Bill"][0]["Id"] == "1"
        assert slots[2] == {}


async def test_a_deleted_row_is_a_stub_with_the_time_of_its_end() -> None:
    async with stand() as at:
        await at.post("bill", bill_payload(at.company))
        at.clock[0] += timedelta(minutes=1)
        await at.mutate(op="delete", entity="Bill", id="1")
        [slot] = await changes(at, "Bill")
        stamp = {"LastUpdatedTime": "2026-11-21T09:01:00-08:00"}
        assert slot["Bill"] == [{"domain": "QBO", "status": "Deleted", "Id": "1", "MetaData": stamp}]


async def test_an_inactivated_name_shows_whole_and_inactive() -> None:
    async with stand() as at:
        await at.mutate(op="inactivate", entity="Vendor", id="1")
        [slot] = await changes(at, "Vendor")
        assert (slot["Vendor"][0]["Active"], slot["Vendor"][0]["DisplayName"]) == (False, "AT&T (deleted)")


async def test_a_payment_shows_with_the_invoice_customer_and_accounts_it_moved() -> None:
    company = bare_company()
    writes.create(company, "Invoice", invoice_payload(), EARLIER)
    async with stand(company) as at:
        await at.post("payment", payment_payload("1", "400"))
        invoice, customer, accounts = await changes(at, "Invoice,Customer,Account")
        assert (invoice["Invoice"][0]["Balance"], invoice["Invoice"][0]["SyncToken"]) == (600.0, "1")
        assert (customer["Customer"][0]["Balance"], customer["Customer"][0]["SyncToken"]) == (600.0, "0")
        moved = {row["Name"] for row in accounts["Account"]}
        assert moved == {"Undeposited Funds", "Accounts Receivable (A/R)"}


async def test_a_deposit_links_its_payments_without_showing_them_as_changed() -> None:
    company = bare_company()
    writes.create(company, "Invoice", invoice_payload(), EARLIER)
    writes.create(company, "Payment", payment_payload("1", "1000"), EARLIER)
    async with stand(company) as at:
        line = {"Amount": 1000, "LinkedTxn": [{"TxnId": "2", "TxnType": "Payment", "TxnLineId": "0"}]}
        payload = {"DepositToAccountRef": account(company, "Operating Checking"), "Line": [line]}
        assert (await at.post("deposit", payload)).status_code == 200
        [slot] = await changes(at, "Payment")
        assert slot == {}
        held = (await at.get("payment/2")).json()["Payment"]
        assert (held["LinkedTxn"], held["SyncToken"]) == ([{"TxnId": "3", "TxnType": "Deposit"}], "0")


async def test_at_most_a_thousand_objects_come_back_in_all() -> None:
    company = bare_company()
    for _ in range(700):
        writes.create(company, "Bill", bill_payload(company), NOW)
        writes.create(company, "Invoice", invoice_payload(), NOW)
    async with stand(company) as at:
        bills, invoices = await changes(at, "Bill,Invoice")
        assert (len(bills["Bill"]), len(invoices["Invoice"])) == (700, 300)


@pytest.mark.parametrize("entities", ["TaxCode", "JournalCode", "Bill,CompanyInfo", "Nonsense"])
async def test_entities_that_are_not_captured_are_refused(entities: str) -> None:
    async with stand() as at:
        assert fault(await at.get("cdc", entities=entities, changedSince=SINCE))[0] == 400


async def test_more_than_thirty_days_back_is_refused_unless_lenient() -> None:
    async with stand() as at:
        old = instant(NOW - timedelta(days=31))
        assert fault(await at.get("cdc", entities="Bill", changedSince=old))[0] == 400
        await at.control("settings", {"lenient_cdc": True})
        assert (await at.get("cdc", entities="Bill", changedSince=old)).status_code == 200


async def test_a_plus_lost_on_the_way_is_refused_not_guessed() -> None:
    async with stand() as at:
        answer = await at.http.get(f"{at.base}/cdc?entities=Bill&changedSince=2026-11-20T00:00:00+01:00")
        assert fault(answer) == (400, "4001")


async def test_future_stamps_and_renames_behave_as_recorded() -> None:
    company = bare_company()
    writes.create(company, "Bill", bill_payload(company), EARLIER)
    async with stand(company) as at:
        await at.mutate(op="stamp", entity="Account", id="1", days=34)
        [accounts] = await changes(at, "Account")
        assert accounts["Account"][0]["MetaData"]["LastUpdatedTime"].startswith("2026-12-25")
        await at.mutate(op="rename", entity="Vendor", id="1", name="Comcast")
        [bills] = await changes(at, "Bill")
        assert bills == {}
        assert (await at.get("bill/1")).json()["Bill"]["VendorRef"] == {"value": "1", "name": "Comcast"}


async def test_a_merge_repoints_documents_and_only_the_winner_shows() -> None:
    company = bare_company()
    writes.create(company, "Vendor", {"DisplayName": "AT and T"}, EARLIER)
    writes.create(company, "Bill", {**bill_payload(company), "VendorRef": {"value": "3"}}, EARLIER)
    async with stand(company) as at:
        await at.mutate(op="merge", entity="Vendor", id="3", into="1")
        vendors, bills = await changes(at, "Vendor,Bill")
        assert [row["Id"] for row in vendors["Vendor"]] == ["1"]
        assert vendors["Vendor"][0]["Balance"] == 100.5
        assert bills == {}
        assert (await at.get("bill/1")).json()["Bill"]["VendorRef"] == {"value": "1", "name": "AT&T"}
        assert fault(await at.get("vendor/3")) == (400, "610")
