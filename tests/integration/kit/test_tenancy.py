"""The wall between tenants, tried from both sides and around the corners."""

from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from domains.people import PersonRow, Role, RoleGrantRow, list_roles, set_roles
from kit.db import Database, WrongTenant

SAME_USER = "U0SAME"


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


WALLS_DOWN = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'business_id'
WHERE c.relkind IN ('r', 'p') AND NOT a.attisdropped AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
  AND c.relpersistence = 'p'
"""
# One Slack team and one QuickBooks realm belong to one business in the whole world: those two are global on purpose.
KEYS_WITHOUT_TENANT = """
SELECT i.indexrelid::regclass::text FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'business_id'
WHERE i.indisunique AND NOT a.attnum = ANY (i.indkey::int2[])
"""
GLOBAL_ON_PURPOSE = {"uq_workspaces_live_team", "uq_qbo_connections_live_realm"}


async def test_every_table_of_a_tenant_has_its_walls_up(db: Database) -> None:
    async with db.engine.connect() as connection:
        assert (await connection.execute(text(WALLS_DOWN))).scalars().all() == []


async def test_every_unique_key_starts_with_the_tenant(db: Database) -> None:
    async with db.engine.connect() as connection:
        found = set((await connection.execute(text(KEYS_WITHOUT_TENANT))).scalars())
    assert found <= GLOBAL_ON_PURPOSE
