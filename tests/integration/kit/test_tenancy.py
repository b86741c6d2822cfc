"""The wall between tenants, tried from both sides and around the corners."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError, StatementError

from domains.businesses import BusinessRow
from domains.installs import InstallStateRow
from domains.people import PersonRow, Role, RoleGrantRow, list_roles, set_roles
from domains.walls import list_holes
from kit.db import Database, WrongTenant, new_engine
from kit.errors import Busy
from kit.jobs import Job
from kit.outbox import enqueue

SAME_USER = "U0SAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock(Job):
    pass


@pytest.fixture
async def two(db: Database, business: UUID, other_business: UUID) -> tuple[UUID, UUID]:
    """The same person with an identical id in both businesses."""
    for tenant, role in ((business, Role.OWNER), (other_business, Role.MEMBER)):
        async with db.tenant_session(tenant) as session:
            await set_roles(session, SAME_USER, [role], by="U1")
    return business, other_business


async def test_each_tenant_sees_its_own_row_of_an_identical_id(db: Database, two: tuple[UUID, UUID]) -> None:
    seen = []
    for tenant in two:
        async with db.tenant_session(tenant) as session:
            seen.append(await list_roles(session, SAME_USER))
    assert seen == [{Role.OWNER}, {Role.MEMBER}]


async def test_plain_sql_meets_the_policy_even_as_the_owner_of_the_tables(db: Database, two: tuple[UUID, UUID]) -> None:
    async with db.tenant_session(two[0]) as session:
        owners = set((await session.execute(text("SELECT business_id FROM role_grants"))).scalars())
    assert owners == {two[0]}


async def test_an_update_without_a_filter_changes_one_tenant_only(db: Database, two: tuple[UUID, UUID]) -> None:
    async with db.tenant_session(two[0]) as session:
        await session.execute(update(RoleGrantRow).values(granted_by="U2"))
    async with db.tenant_session(two[1]) as session:
        assert set((await session.execute(select(RoleGrantRow.granted_by))).scalars()) == {"U1"}


async def test_writing_for_another_tenant_is_refused_by_the_session(db: Database, two: tuple[UUID, UUID]) -> None:
    with pytest.raises(WrongTenant):
        async with db.tenant_session(two[0]) as session:
            session.add(RoleGrantRow(business_id=two[1], slack_user="U3", role="owner", granted_by="U3"))
            await session.flush()


async def test_writing_for_another_tenant_is_refused_by_the_database(db: Database, two: tuple[UUID, UUID]) -> None:
    insert = text(
        "INSERT INTO role_grants (business_id, id, slack_user, role, granted_by)"
        " VALUES (:other, gen_random_uuid(), 'U3', 'owner', 'U3')"
    )
    with pytest.raises(DBAPIError, match="row-level security"):
        async with db.tenant_session(two[0]) as session:
            await session.execute(insert, {"other": two[1]})


async def test_the_system_door_sees_no_books(db: Database) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with db.system_session() as session:
            await session.execute(select(PersonRow))


async def test_a_tenant_does_not_leak_into_the_next_user_of_the_connection(
    db: Database, two: tuple[UUID, UUID]
) -> None:
    for _ in range(20):
        async with db.tenant_session(two[0]) as session:
            await session.execute(select(RoleGrantRow))
        async with db.engine.connect() as connection:
            left = (await connection.execute(text("SELECT current_setting('app.business_id', true)"))).scalar_one()
            role = (await connection.execute(text("SELECT current_setting('role')"))).scalar_one()
        assert (left or "", role) == ("", "none")


async def test_no_wall_between_tenants_has_a_hole(db: Database) -> None:
    async with db.system_session() as session:
        assert await list_holes(session) == []


async def test_a_row_without_a_tenant_is_stamped_with_that_of_the_session(db: Database, business: UUID) -> None:
    async with db.tenant_session(business) as session:
        row = RoleGrantRow(slack_user="U9", role="member", granted_by="U9")
        session.add(row)
        await session.flush()
        assert row.business_id == business


async def test_the_system_door_writes_for_whom_the_row_says(db: Database) -> None:
    owner = uuid4()
    async with db.system_session() as session:
        session.add(BusinessRow(business_id=owner, name="Somebody’s"))
    async with db.tenant_session(owner) as session:
        assert set((await session.execute(select(BusinessRow.name))).scalars()) == {"Somebody’s"}


async def test_a_table_of_nobody_is_not_written_through_a_tenants_door(db: Database, business: UUID) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with db.tenant_session(business) as session:
            session.add(InstallStateRow(state_hash=bytes(32), expires_at=datetime.now(UTC)))


async def test_a_time_without_a_zone_is_refused_before_it_is_written(db: Database, business: UUID) -> None:
    naive = datetime(2026, 11, 20)  # noqa: DTZ001 - the very thing that is refused
    with pytest.raises(StatementError, match="naive datetime"):
        async with db.tenant_session(business) as session:
            await session.execute(select(RoleGrantRow).where(RoleGrantRow.valid_to == naive))


@pytest.mark.parametrize(
    ("code", "reason"),
    [("40001", "serialization"), ("40P01", "deadlock"), ("55P03", "lock timeout"), ("57014", "statement timeout")],
)
async def test_what_the_database_asks_to_try_again_is_busy(db: Database, code: str, reason: str) -> None:
    with pytest.raises(Busy, match=reason):
        async with db.system_session() as session:
            await session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$"))


async def test_waiting_for_a_lock_ends_before_a_person_s_patience(db: Database, business: UUID) -> None:
    async with db.tenant_session(business) as holder:
        await holder.execute(select(BusinessRow).with_for_update())
        with pytest.raises(Busy, match="lock timeout"):
            async with db.tenant_session(business) as waiting:
                await waiting.execute(text("SET LOCAL lock_timeout = '10ms'"))
                await waiting.execute(select(BusinessRow).with_for_update())


async def test_a_process_that_froze_in_a_transaction_gives_its_locks_back(db: Database, business: UUID) -> None:
    with pytest.raises(DBAPIError):
        async with db.tenant_session(business) as frozen:
            assert (await frozen.execute(text("SHOW idle_in_transaction_session_timeout"))).scalar_one() == "30s"
            await frozen.execute(text("SET idle_in_transaction_session_timeout = '20ms'"))
            await frozen.execute(select(BusinessRow).with_for_update())
            async with db.tenant_session(business) as waiting:
                await waiting.execute(select(BusinessRow).with_for_update())
            await frozen.execute(select(BusinessRow))


async def test_a_connection_that_ended_while_nobody_used_it_is_not_handed_out(
    db: Database, database_url: str, business: UUID
) -> None:
    mine = Database(new_engine(database_url, pool_size=1))
    async with mine.tenant_session(business) as session:
        pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    async with db.engine.connect() as other:
        await other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    await asyncio.sleep(0)  # the loop hears that the other side hung up
    async with mine.tenant_session(business) as session:
        assert (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one() != pid
    await mine.close()


async def test_hints_are_told_after_the_commit_and_only_then(database_url: str, business: UUID) -> None:
    hinted: list[UUID] = []
    database = Database(new_engine(database_url, pool_size=1), hint=hinted.extend)
    with pytest.raises(RuntimeError, match="power cut"):
        async with database.tenant_session(business) as session:
            await enqueue(session, Knock(), key="lost")
            raise RuntimeError("power cut")
    async with database.tenant_session(business) as session:
        await enqueue(session, Knock(), key="a")
        await enqueue(session, Knock(), key="a")
        await enqueue(session, Knock(), key="later", delay=timedelta(minutes=1))
        assert hinted == []
    assert len(hinted) == 1
    async with database.tenant_session(business) as session:
        await session.execute(select(BusinessRow))
    assert len(hinted) == 1
    await database.close()
