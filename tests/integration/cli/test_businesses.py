"""Operators see whose books are here and how they fare, and name a business by what they have at hand."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from cli.businesses import businesses, get_named
from domains.sync_history import ReadMeterRow, SyncRunRow
from kit.errors import Refused
from kit.runtime import Runtime
from tests.conftest import new_business
from tests.integration.cli.conftest import Tenant, found

RECORD = text("""
INSERT INTO records (business_id, entity, qbo_id, sync_token, last_updated, as_of, last_synced, deleted_at, digest,
  active, document)
VALUES (:business, :entity, :id, 0, now(), now(), now(), CASE WHEN :gone THEN now() END, '\\x01', true, '{}')
""")


async def report_of(runtime: Runtime, tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    await businesses(runtime, as_json=True)
    reports = json.loads(capsys.readouterr().out)
    return next(report for report in reports if report["business_id"] == str(tenant.id))


async def ran(runtime: Runtime, tenant: Tenant, state: str, requests: int, ago: timedelta) -> None:
    at = runtime.clock.now() - ago
    async with runtime.db.tenant_session(tenant.id) as session:
        session.add(
            SyncRunRow(
                id=uuid4(),
                job_key=str(uuid4()),
                kind="incremental",
                actor="runway",
                state=state,
                phase="done",
                started_at=at,
                finished_at=at,
                requests=requests,
                reason="QuickBooks did not answer." if state == "failed" else None,
            )
        )


async def test_a_machine_reads_everything_about_a_business(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant = await found(runtime, "Harbor [bold]& Pine")
    await ran(runtime, tenant, "succeeded", 41, timedelta(hours=2))
    await ran(runtime, tenant, "succeeded", 1, timedelta(hours=1))
    async with runtime.db.tenant_session(tenant.id) as session:
        for number, gone in ((1, False), (2, False), (3, True)):
            await session.execute(RECORD, {"business": tenant.id, "entity": "Bill", "id": str(number), "gone": gone})
        month = runtime.clock.now().date().replace(day=1)
        session.add(ReadMeterRow(month=month, reads=57, requests=42))
    report = await report_of(runtime, tenant, capsys)
    assert (report["name"], report["status"]) == ("Harbor [bold]& Pine", "active")
    assert report["team"] == {
        "enterprise_id": "", "team_id": tenant.team, "name": "Harbor & Pine", "installed": True
    }  # fmt: skip
    assert report["realm_id"] == tenant.realm
    assert report["sync"]["state"] == "connected"
    assert report["sync"]["last_run"]["requests"] == report["requests_last_run"] == 1
    assert report["last_sync"] == report["sync"]["last_run"]["finished_at"]
    assert report["reads_this_month"] == 57
    assert (report["entities"]["Bill"]["rows"], report["entities"]["Bill"]["tombstones"]) == (2, 1)
    assert report["entities"]["Invoice"]["rows"] == 0


async def test_a_last_run_that_failed_shows_as_failing_with_its_reason(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant = await found(runtime)
    await ran(runtime, tenant, "failed", 3, timedelta(hours=1))
    report = await report_of(runtime, tenant, capsys)
    assert (report["sync"]["state"], report["sync"]["reason"]) == ("failing", "QuickBooks did not answer.")
    assert report["last_sync"] is None


async def test_a_business_that_was_never_connected_says_so(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = Tenant(await new_business(runtime.db), "", "")
    report = await report_of(runtime, bare, capsys)
    assert report["sync"] == {"state": "never_connected", "reason": None, "last_sync": None, "last_run": None}
    assert (report["team"], report["realm_id"], report["requests_last_run"]) == (None, None, None)


async def test_a_person_reads_a_line_per_business(runtime: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    tenant = await found(runtime, "Line & Sinker")
    bare = await new_business(runtime.db)
    await ran(runtime, tenant, "succeeded", 7, timedelta(0))
    await businesses(runtime, as_json=False)
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert lines[0][:4] == ["business", "name", "team", "realm"]
    line = next(line for line in lines if line[0] == str(tenant.id))
    assert line[1:5] == ["Line & Sinker", tenant.team, tenant.realm, "connected"]
    assert line[6:8] == ["7", "0"]
    assert next(line for line in lines if line[0] == str(bare))[2:7] == ["–", "–", "never_connected", "never", "–"]


async def test_a_business_is_found_by_id_beginning_team_and_realm(runtime: Runtime) -> None:
    tenant = await found(runtime)
    for word in (str(tenant.id), str(tenant.id).upper(), str(tenant.id)[:13], tenant.team, tenant.realm):
        assert (await get_named(runtime.db, word)).id == tenant.id


@pytest.mark.parametrize("word", ["", "abc", "T0NOBODY", "ffffffff-0000", "None"])
async def test_a_word_that_names_nobody_gets_a_sentence(runtime: Runtime, word: str) -> None:
    await found(runtime)
    with pytest.raises(Refused, match="runway businesses"):
        await get_named(runtime.db, word)


async def test_a_word_that_names_several_is_not_guessed(runtime: Runtime) -> None:
    twins = [await found(runtime) for _ in range(2)]
    async with runtime.db.system_session() as session:
        for number, twin in enumerate(twins):
            moved = {"new": f"aaaaaaaa-0000-4000-8000-00000000000{number}", "old": twin.id}
            await session.execute(text("UPDATE businesses SET business_id = :new WHERE business_id = :old"), moved)
    with pytest.raises(Refused, match="2 businesses are called"):
        await get_named(runtime.db, "aaaaaaaa")
