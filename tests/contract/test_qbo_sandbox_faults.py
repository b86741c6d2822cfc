"""Trouble on request: each kind arrives as real trouble would, for the requests it was asked for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from sandbox.books import Company, writes
from tests.contract.qbo_sandbox_world import EARLIER, REALM, bare_company, bill_payload, fault, served, stand

BILLS = "select * from Bill"


def company_with_bills(count: int = 3) -> Company:
    company = bare_company()
    for _ in range(count):
        writes.create(company, "Bill", bill_payload(company), EARLIER)
    return company


@pytest.mark.parametrize(
    ("trouble", "status", "words"),
    [
        ("401", 401, '"fault"'),
        ("401-120", 401, "-11014"),
        ("403", 403, "003100"),
        ("429", 429, '"fault"'),
        ("429-upper", 429, '"Fault"'),
        ("429-xml", 429, "<Fault"),
        ("500", 500, "10000"),
        ("503", 503, "<html>"),
        ("504", 504, ""),
        ("html", 500, "<html>"),
        ("xml", 500, "IntuitResponse"),
        ("fault-in-200", 200, '"SystemFault"'),
        ("5010", 400, "5010"),
    ],
)
async def test_a_fault_replaces_exactly_the_answers_it_was_ordered_for(trouble: str, status: int, words: str) -> None:
    async with stand(company_with_bills()) as at:
        await at.control("faults", {"trouble": trouble, "times": 2, "endpoint": "query", "entity": "Bill"})
        assert (await at.get("query", query="select * from Vendor")).status_code == 200
        for _ in range(2):
            answer = await at.get("query", query=BILLS)
            assert answer.status_code == status
            assert words in answer.text
        assert len((await at.query(BILLS))["Bill"]) == 3


async def test_a_skipped_fault_waits_for_its_turn() -> None:
    async with stand(company_with_bills()) as at:
        await at.control("faults", {"trouble": "500", "skip": 2})
        codes = [(await at.get("query", query=BILLS)).status_code for _ in range(4)]
        assert codes == [200, 200, 500, 200]


async def test_a_lost_answer_has_done_its_work() -> None:
    async with stand() as at:
        await at.control("faults", {"trouble": "reset", "endpoint": "write", "applied": True})
        with pytest.raises(ConnectionResetError):
            await at.post("bill", bill_payload(at.company), requestid="r-1")
        assert len(at.company.tables["Bill"]) == 1
        again = await at.post("bill", bill_payload(at.company), requestid="r-1")
        assert again.json()["Bill"]["Id"] == "1"
        assert len(at.company.tables["Bill"]) == 1


async def test_spoilt_documents_are_spoilt() -> None:
    async with stand(company_with_bills()) as at:

        async def spoilt(trouble: str) -> str:
            await at.control("faults", {"trouble": trouble})
            return (await at.get("query", query=BILLS)).text

        with pytest.raises(json.JSONDecodeError):
            json.loads(await spoilt("truncated"))
        assert ":NaN" in await spoilt("nan")
        rows = json.loads(await spoilt("missing-id"))["QueryResponse"]["Bill"]
        assert ["Id" in row for row in rows] == [False, True, True]
        assert '"Id":"0","Id":"' in await spoilt("duplicate-keys")
        flagged = json.loads(await spoilt("live-as-deleted"))["QueryResponse"]["Bill"]
        assert flagged[0]["status"] == "Deleted"


async def test_random_faults_follow_their_seed() -> None:
    async def codes() -> list[int]:
        async with stand(company_with_bills()) as at:
            await at.control("faults/random", {"rate": 0.4, "troubles": ["429", "500", "403"], "seed": 5})
            return [(await at.get("query", query=BILLS)).status_code for _ in range(30)]

    first = await codes()
    assert first == await codes()
    assert 4 < sum(code != 200 for code in first) < 22


async def test_a_hook_changes_the_books_between_two_pages() -> None:
    async with stand(company_with_bills(4)) as at:
        hook = {
            "realm": at.company.realm,
            "after_pages": 1,
            "entity": "Bill",
            "mutation": {"op": "delete", "entity": "Bill", "id": "4"},
        }
        await at.control("hooks", hook)
        first = await at.query("select * from Bill maxresults 2")
        assert [row["Id"] for row in first["Bill"]] == ["4", "3"]
        second = await at.query("select * from Bill startposition 3 maxresults 2")
        assert [row["Id"] for row in second["Bill"]] == ["1"]


async def test_wrong_orders_are_refused_with_a_reason() -> None:
    async with stand() as at:
        for path, payload in (
            ("faults", {"trouble": "earthquake"}),
            ("faults", {"trouble": "429", "tims": 2}),
            ("tokens", {"do": "dance"}),
            ("settings", {"speed": 1}),
        ):
            answer = await at.http.post(f"/_sandbox/{path}", json=payload)
            assert answer.status_code == 400
            assert answer.json()["error"]
        answer = await at.http.post(f"/_sandbox/companies/{at.company.realm}/mutate", json={"op": "explode"})
        assert answer.status_code == 400


async def test_truth_lists_live_rows_and_the_stubs_of_deleted_ones() -> None:
    async with stand(company_with_bills(2)) as at:
        await at.mutate(op="delete", entity="Bill", id="1")
        truth = (await at.http.get(f"/_sandbox/companies/{at.company.realm}/truth")).json()
        page = (await at.get("query", query=BILLS)).json()["QueryResponse"]["Bill"]
        assert truth["live"]["Bill"] == page
        assert [row["Id"] for row in truth["deleted"]["Bill"]] == ["1"]


async def test_on_a_real_line_answers_are_cut_dripped_delayed_and_blown_up() -> None:
    with served(company_with_bills(40)) as (root, headers, sandbox):
        base, control = f"{root}/v3/company/{REALM}", f"{root}/_sandbox/faults"
        async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=5) as http:

            async def ordered(**plan: Any) -> httpx.Response:
                await http.post(control, json=plan)
                return await http.get(f"{base}/query", params={"query": BILLS})

            with pytest.raises(httpx.RemoteProtocolError):
                await ordered(trouble="cut")
            with pytest.raises(httpx.TransportError):
                await ordered(trouble="reset")
            whole = await ordered(trouble="drip", seconds=0.2)
            assert len(whole.json()["QueryResponse"]["Bill"]) == 40
            bomb = await ordered(trouble="gzip-bomb", megabytes=3)
            assert (len(bomb.content), int(bomb.headers["content-length"]) < 10_000) == (3 << 20, True)
            late = await ordered(trouble="timeout", seconds=0.05)
            assert late.status_code == 504
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(ordered(trouble="timeout", seconds=30), 0.3)
            statuses = [entry.status for entry in sandbox.ledger.entries]
            assert statuses == [200, 0, 200, 0, 504]


async def test_the_clock_can_be_moved() -> None:
    async with stand() as at:
        await at.control("settings", {"offset_seconds": 3601})
        assert (await at.get("preferences")).status_code == 401


async def test_a_refused_mutation_is_a_409_with_the_reason() -> None:
    async with stand(company_with_bills(1)) as at:
        await at.mutate(op="pay_bill", id="1")
        answer = await at.http.post(
            f"/_sandbox/companies/{at.company.realm}/mutate", json={"op": "delete", "entity": "Bill", "id": "1"}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "6000")
        assert fault(await at.get("bill/9")) == (400, "610")
