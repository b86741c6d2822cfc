"""Batches of the stand-in: independent items, faults inside a 200, thirty at most."""

from __future__ import annotations

from typing import Any

from tests.contract.qbo_sandbox_world import bill_payload, fault, stand


def request(*items: dict[str, Any]) -> dict[str, Any]:
    return {"BatchItemRequest": [{"bId": f"b{index}", **item} for index, item in enumerate(items)]}


async def test_items_succeed_and_fail_side_by_side() -> None:
    async with stand() as at:
        answer = await at.post(
            "batch",
            request(
                {"operation": "create", "Vendor": {"DisplayName": "Boraski Family Store"}},
                {"operation": "delete", "Invoice": {"Id": "129", "SyncToken": "0"}},
                {"operation": "update", "Vendor": {"Id": "1", "SyncToken": "4", "sparse": True, "AcctNum": "9"}},
                {"Query": "select * from Vendor where DisplayName like 'Bor%'"},
                {"Query": "select count(*) from Vendor"},
                {"Query": "select * from Invoice"},
                {"Query": "select * from Nonsense"},
            ),
        )
        assert answer.status_code == 200
        items = {item["bId"]: item for item in answer.json()["BatchItemResponse"]}
        assert items["b0"]["Vendor"]["Id"] == "3"
        assert [items[key]["Fault"]["Error"][0]["code"] for key in ("b1", "b2", "b6")] == ["610", "5010", "4001"]
        assert items["b3"]["QueryResponse"]["Vendor"][0]["Id"] == "3"
        assert items["b4"]["QueryResponse"] == {"totalCount": 2}
        assert items["b5"]["QueryResponse"] == {}


async def test_thirty_one_items_are_too_many() -> None:
    async with stand() as at:
        item = {"Query": "select count(*) from Bill"}
        assert (await at.post("batch", request(*[item] * 30))).status_code == 200
        assert fault(await at.post("batch", request(*[item] * 31)))[0] == 400


async def test_one_item_can_be_throttled_inside_a_200() -> None:
    async with stand() as at:
        await at.control("faults", {"trouble": "item-fault", "endpoint": "batch"})
        body = request({"Query": "select count(*) from Bill"}, {"Query": "select count(*) from Vendor"})
        items = (await at.post("batch", body)).json()["BatchItemResponse"]
        assert items[0]["Fault"]["Error"][0]["code"] == "3001"
        assert items[1]["QueryResponse"] == {"totalCount": 1}
        assert "Fault" not in (await at.post("batch", body)).text


async def test_batch_writes_have_all_their_consequences() -> None:
    async with stand() as at:
        await at.post("batch", request({"operation": "create", "Bill": bill_payload(at.company)}))
        assert (await at.get("vendor/1")).json()["Vendor"]["Balance"] == 100.5


async def test_every_query_of_a_batch_counts_as_a_read_and_writes_do_not() -> None:
    async with stand() as at:
        await at.post(
            "batch",
            request(
                {"Query": "select * from Bill"},
                {"Query": "select * from Term"},
                {"operation": "create", "Vendor": {"DisplayName": "x"}},
            ),
        )
        assert at.sandbox.ledger.entries[-1].reads == 2
