"""Rates, the monthly meter and the ledger of the stand-in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.contract.qbo_sandbox_world import Stand, stand


async def statuses(at: Stand, count: int, path: str = "preferences") -> list[int]:
    return [(await at.get(path)).status_code for _ in range(count)]


async def test_limits_are_off_until_switched_on() -> None:
    async with stand() as at:
        assert set(await statuses(at, 25)) == {200}


async def test_the_eleventh_request_of_a_second_is_throttled_and_the_next_second_is_free() -> None:
    async with stand(rate_limits=True) as at:
        assert await statuses(at, 12) == [200] * 10 + [429] * 2
        at.clock[0] += timedelta(seconds=1.1)
        assert await statuses(at, 1) == [200]


async def test_five_hundred_requests_fill_a_minute() -> None:
    async with stand(rate_limits=True) as at:
        passed = 0
        for _ in range(52):
            passed += (await statuses(at, 10)).count(200)
            at.clock[0] += timedelta(seconds=1.1)
        assert passed == 500


async def test_forty_batches_fill_a_minute() -> None:
    async with stand(rate_limits=True) as at:
        body = {"BatchItemRequest": [{"bId": "1", "Query": "select count(*) from Bill"}]}
        codes = []
        for _ in range(41):
            codes.append((await at.post("batch", body)).status_code)
            at.clock[0] += timedelta(seconds=1)
        assert codes == [200] * 40 + [429]


async def test_ten_may_be_in_flight_at_once() -> None:
    async with stand(rate_limits=True, latency_seconds=0.05) as at:
        at.sandbox.limits.per_second = 100
        answers = await asyncio.gather(*(at.get("preferences") for _ in range(14)))
        assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 4
        assert (await at.get("preferences")).status_code == 200


async def test_the_monthly_quota_blocks_until_the_next_month() -> None:
    async with stand(monthly_reads=3) as at:
        assert await statuses(at, 5) == [200, 200, 200, 429, 429]
        at.clock[0] += timedelta(minutes=30)
        assert await statuses(at, 1) == [429]
        await at.control("settings", {"monthly_reads": None})
        assert await statuses(at, 1) == [200]


async def test_only_successful_reads_are_metered() -> None:
    async with stand() as at:
        await at.get("preferences")
        await at.get("bill/77")
        await at.post("vendor", {"DisplayName": "New"})
        await at.query("select * from Vendor")
        entries = at.sandbox.ledger.entries
        assert [(entry.endpoint, entry.entity, entry.status, entry.reads) for entry in entries] == [
            ("preferences", "Preferences", 200, 1),
            ("read", "Bill", 400, 0),
            ("write", "Vendor", 200, 0),
            ("query", "Vendor", 200, 1),
        ]
        ledger = (await at.http.get("/_sandbox/ledger")).json()
        assert ledger["reads_by_month"] == {"2026-11": 2}
        assert ledger["entries"][0]["intuit_tid"].startswith("1-")
        await at.http.delete("/_sandbox/ledger")
        assert (await at.http.get("/_sandbox/ledger")).json()["requests"] == 0
