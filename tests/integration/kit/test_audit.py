"""History is written once: whoever changes it afterwards is found, and neither role of ours can."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from domains.audit import AuditRow, Entry, list_entries, record, verify_chain
from kit.clock import FrozenClock
from kit.db import Database

LENGTH = 6
# Every column of a row that somebody with the owner's password could want to say something else.
EDITS = {
    "at": "at + interval '1 hour'",
    "actor": "'U9'",
    "action": "'bill.rejected'",
    "object_type": "'invoice'",
    "object_id": "'B-9'",
    "body": "replace(body, '100.00', '900.00')",
    "prev": "decode(repeat('00', 32), 'hex')",
    "hash": "decode(repeat('ab', 32), 'hex')",
    "seq": "seq + 100",
}


def entry(number: int) -> Entry:
    return Entry(
        actor=f"U{number}",
        action="bill.approved",
        object_type="bill",
        object_id=f"B-{number}",
        before={"amount": "100.00"},
        after={"note": "zł, 漢字, “quotes”"},
        source="C1:1.0",
        on_behalf_of="U0",
    )


@pytest.fixture
async def history(db: Database, business: UUID, clock: FrozenClock) -> UUID:
    for number in range(1, LENGTH + 1):
        async with db.tenant_session(business) as session:
            assert await record(session, entry(number), clock=clock) == number
        clock.advance(timedelta(seconds=1))
    return business


async def tamper(db: Database, statement: str, business: UUID) -> None:
    """As somebody with the owner's password, who takes trigger and policies away and puts them back."""
    async with db.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE audit_log DISABLE TRIGGER append_only, NO FORCE ROW LEVEL SECURITY"))
        await connection.execute(text(f"{statement} AND business_id = :business"), {"business": business})
        await connection.execute(text("ALTER TABLE audit_log ENABLE TRIGGER append_only, FORCE ROW LEVEL SECURITY"))


async def first_broken(db: Database, business: UUID) -> int | None:
    async with db.tenant_session(business) as session:
        return await verify_chain(session)


async def test_an_untouched_history_is_intact_and_says_what_was_recorded(db: Database, history: UUID) -> None:
    assert await first_broken(db, history) is None
    async with db.tenant_session(history) as session:
        newest = (await list_entries(session, limit=1))[0]
    assert (newest.seq, newest.actor, newest.object_id) == (LENGTH, f"U{LENGTH}", f"B-{LENGTH}")
    assert (newest.before, newest.after) == (entry(LENGTH).before, entry(LENGTH).after)
    assert (newest.source, newest.on_behalf_of) == ("C1:1.0", "U0")


async def test_entries_are_found_by_what_they_are_about(db: Database, history: UUID) -> None:
    async with db.tenant_session(history) as session:
        assert [one.seq for one in await list_entries(session, object_type="bill", object_id="B-3")] == [3]
        assert await list_entries(session, object_type="invoice") == []


async def test_nothing_recorded_is_nothing_broken(db: Database, business: UUID) -> None:
    assert await first_broken(db, business) is None


@pytest.mark.parametrize("column", EDITS)
async def test_an_edited_column_names_its_row(column: str, db: Database, history: UUID) -> None:
    await tamper(db, f"UPDATE audit_log SET {column} = {EDITS[column]} WHERE seq = 3", history)
    # Without the third row the fourth is the first that does not fit.
    assert await first_broken(db, history) == (4 if column == "seq" else 3)


def test_every_column_but_the_tenant_was_edited() -> None:
    assert set(AuditRow.__table__.columns.keys()) - {"business_id"} == EDITS.keys()


async def test_a_row_edited_together_with_its_hash_breaks_the_next(db: Database, history: UUID) -> None:
    body = "replace(body, '100.00', '900.00')"
    forged = f"UPDATE audit_log SET body = {body}, hash = sha256(prev || convert_to({body}, 'UTF8')) WHERE seq = 3"
    await tamper(db, forged, history)
    assert await first_broken(db, history) == 4


@pytest.mark.parametrize("gone", range(1, LENGTH))
async def test_a_removed_row_breaks_what_follows(gone: int, db: Database, history: UUID) -> None:
    await tamper(db, f"DELETE FROM audit_log WHERE seq = {gone}", history)
    assert await first_broken(db, history) == gone + 1


async def test_a_cut_off_end_shows_against_a_hash_kept_elsewhere(db: Database, history: UUID) -> None:
    async with db.tenant_session(history) as session:
        statement = select(AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)
        anchor = (await session.execute(statement)).scalar_one()
    await tamper(db, f"DELETE FROM audit_log WHERE seq = {LENGTH}", history)
    assert await first_broken(db, history) is None
    async with db.tenant_session(history) as session:
        assert anchor not in set((await session.execute(select(AuditRow.hash))).scalars())


async def test_two_rows_that_changed_places_are_named(db: Database, history: UUID) -> None:
    await tamper(db, "UPDATE audit_log SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)", history)
    await tamper(db, "UPDATE audit_log SET seq = -seq WHERE seq < 0", history)
    assert await first_broken(db, history) == 2


async def test_a_row_of_another_business_does_not_fit(
    db: Database, history: UUID, other_business: UUID, clock: FrozenClock
) -> None:
    async with db.tenant_session(other_business) as session:
        await record(session, entry(1), clock=clock)
    await tamper(db, "DELETE FROM audit_log WHERE seq = 1", history)
    await tamper(db, f"UPDATE audit_log SET business_id = '{history}' WHERE seq = 1", other_business)
    assert await first_broken(db, history) in {1, 2}


@pytest.mark.parametrize("verb", ["UPDATE audit_log SET actor = 'U9'", "DELETE FROM audit_log", "TRUNCATE audit_log"])
async def test_neither_role_can_change_the_history(verb: str, db: Database, history: UUID) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with db.tenant_session(history) as session:
            await session.execute(text(verb))
    with pytest.raises(DBAPIError, match="permission denied"):
        async with db.system_session() as session:
            await session.execute(text(verb))
    assert await first_broken(db, history) is None


async def test_not_even_the_owner_of_the_tables_changes_a_row_by_accident(db: Database, history: UUID) -> None:
    for verb in ("UPDATE audit_log SET actor = 'U9'", "DELETE FROM audit_log"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with db.engine.begin() as connection:
                await connection.execute(text("ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY"))
                await connection.execute(text(verb))
    assert await first_broken(db, history) is None


async def test_racing_writers_queue_behind_each_other_and_leave_no_gap(
    db: Database, business: UUID, clock: FrozenClock
) -> None:
    async def write(number: int) -> int:
        async with db.tenant_session(business) as session:
            return await record(session, entry(number), clock=clock)

    seqs = await asyncio.gather(*(write(number) for number in range(12)))
    assert sorted(seqs) == list(range(1, 13))
    assert await first_broken(db, business) is None


async def test_an_act_that_is_rolled_back_leaves_no_entry(db: Database, history: UUID, clock: FrozenClock) -> None:
    with pytest.raises(RuntimeError, match="power cut"):
        async with db.tenant_session(history) as session:
            await record(session, entry(99), clock=clock)
            raise RuntimeError("power cut")
    async with db.tenant_session(history) as session:
        assert await record(session, entry(LENGTH + 1), clock=clock) == LENGTH + 1
    assert await first_broken(db, history) is None
