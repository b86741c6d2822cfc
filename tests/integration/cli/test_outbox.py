"""What waits and what was given up can be seen, and tried again."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from cli.outbox import retry, show
from kit.errors import Misconfigured, Refused
from kit.runtime import Runtime
from tests.conftest import new_business

ROW = text("""
INSERT INTO outbox (business_id, id, lane, kind, payload, dedupe_key, not_before, lease_until, dead_at, last_error)
VALUES (:business, :id, 1, 'Chime', '{}', :key, now() + CAST(:later AS interval),
  now() + CAST(:lease AS interval), CASE WHEN :dead THEN now() END, CASE WHEN :dead THEN 'poison' END)
""")


@pytest.fixture
async def rows(runtime: Runtime) -> dict[str, UUID]:
    """One of each state."""
    async with runtime.db.system_session() as session:
        await session.execute(text("DELETE FROM outbox"))
    business = await new_business(runtime.db)
    states: dict[str, tuple[int, int | None, bool]] = {
        "due": (-60, None, False),
        "later": (3600, None, False),
        "running": (-60, 30, False),
        "due again": (-60, -30, False),
        "dead": (-60, None, True),
    }
    made = {state: uuid4() for state in states}
    async with runtime.db.tenant_session(business) as session:
        for state, (later, lease, dead) in states.items():
            values = {
                "business": business,
                "id": made[state],
                "key": state,
                "later": timedelta(seconds=later),
                "lease": None if lease is None else timedelta(seconds=lease),
                "dead": dead,
            }
            await session.execute(ROW, values)
    return made


async def listed(runtime: Runtime, capsys: pytest.CaptureFixture[str], *, dead: bool) -> dict[str, dict[str, Any]]:
    await show(runtime, dead=dead, limit=100, as_json=True)
    return {row["id"]: row for row in json.loads(capsys.readouterr().out)}


async def test_what_waits_is_told_apart_by_its_state(
    runtime: Runtime, rows: dict[str, UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    found = await listed(runtime, capsys, dead=False)
    states = {name: found[str(rows[name])]["state"] for name in rows if name != "dead"}
    assert states == {"due": "due", "later": "later", "running": "running", "due again": "due"}
    assert str(rows["dead"]) not in found


async def test_what_was_given_up_says_why(
    runtime: Runtime, rows: dict[str, UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    [row] = (await listed(runtime, capsys, dead=True)).values()
    assert (row["id"], row["state"], row["last_error"]) == (str(rows["dead"]), "dead", "poison")


async def test_a_person_reads_lines_or_a_sentence(
    runtime: Runtime, rows: dict[str, UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    await show(runtime, dead=True, limit=100, as_json=False)
    head, line = capsys.readouterr().out.splitlines()
    assert head.split("\t")[0] == "id"
    assert line.split("\t")[0] == str(rows["dead"])
    async with runtime.db.system_session() as session:
        await session.execute(text("DELETE FROM outbox"))
    for dead, sentence in ((True, "Nothing was given up."), (False, "Nothing waits.")):
        await show(runtime, dead=dead, limit=100, as_json=False)
        assert capsys.readouterr().out.strip() == sentence


@pytest.mark.parametrize("every", [True, False])
async def test_what_was_given_up_is_tried_again(
    *, every: bool, runtime: Runtime, rows: dict[str, UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    await retry(runtime, [] if every else [str(rows["dead"])], every=every)
    assert capsys.readouterr().out.strip() == "1 will be tried again."
    assert (await listed(runtime, capsys, dead=False))[str(rows["dead"])]["state"] == "due"


@pytest.mark.parametrize("name", ["due", "running", "nobody", "not an id"])
async def test_what_was_not_given_up_is_not_tried_again(name: str, runtime: Runtime, rows: dict[str, UUID]) -> None:
    word = str(rows.get(name, uuid4())) if name != "not an id" else name
    with pytest.raises(Refused, match="outbox list --dead"):
        await retry(runtime, [word], every=False)


@pytest.mark.parametrize(("ids", "every"), [([], False), (["x"], True)])
async def test_it_must_be_clear_what_to_try_again(runtime: Runtime, ids: list[str], *, every: bool) -> None:
    with pytest.raises(Misconfigured, match="--all"):
        await retry(runtime, ids, every=every)
