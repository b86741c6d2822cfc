"""Who comes, who leaves, who comes back: tokens at once, the rest a day later, and nobody else's row."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import select, text

from domains.books import Books
from domains.businesses import BusinessRow, WorkspaceRow, find_workspace
from domains.wiping import wipe
from kit.clock import Clock
from kit.crypto import Keyring
from kit.db import Database
from kit.outbox import OutboxRow
from orchestrators.installs import install, uninstall
from tests.installs import granted, new_team


@dataclass
class Intuit:
    """Remembers which connections it was told to end."""

    revoked: list[UUID] = field(default_factory=list)

    async def revoke(self, business_id: UUID) -> None:
        self.revoked.append(business_id)


@pytest.fixture
def team() -> str:
    return new_team()


async def leave(db: Database, clock: Clock, business: UUID, *, at: datetime | None = None) -> bool:
    books = cast("Books", Intuit())
    return await uninstall(db, clock, books, business, at=at or datetime.now(UTC) + timedelta(seconds=1))


async def rows_of(db: Database, business: UUID) -> dict[str, int]:
    async with db.tenant_session(business) as session:
        tables = ("people", "role_grants", "audit_log", "outbox", "workspaces")
        return {name: (await session.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one() for name in tables}


async def test_an_uninstall_forgets_the_tokens_at_once(db: Database, clock: Clock, keyring: Keyring, team: str) -> None:
    business = await install(db, keyring, clock, granted(team_id=team))
    intuit = Intuit()
    assert await uninstall(db, clock, cast("Books", intuit), business, at=datetime.now(UTC) + timedelta(seconds=1))
    async with db.tenant_session(business) as session:
        row = (await session.execute(select(WorkspaceRow))).scalar_one()
    assert (row.bot_token, row.refresh_token, row.dead) == (None, None, True)
    assert intuit.revoked == [business]


async def test_a_late_uninstall_never_ends_a_newer_install(
    db: Database, clock: Clock, keyring: Keyring, team: str
) -> None:
    business = await install(db, keyring, clock, granted(team_id=team))
    assert not await leave(db, clock, business, at=datetime.now(UTC) - timedelta(hours=1))
    async with db.system_session() as session:
        assert await find_workspace(session, enterprise_id="", team_id=team)


async def test_an_uninstall_told_twice_sets_one_day_for_the_rest(
    db: Database, clock: Clock, keyring: Keyring, team: str
) -> None:
    business = await install(db, keyring, clock, granted(team_id=team))
    assert [await leave(db, clock, business) for _ in range(2)] == [True, False]
    async with db.tenant_session(business) as session:
        kinds = list((await session.execute(select(OutboxRow.kind))).scalars())
    assert kinds.count("WipeBusiness") == 1


async def test_a_team_that_comes_back_within_the_day_finds_its_own_business(
    db: Database, clock: Clock, keyring: Keyring, team: str
) -> None:
    business = await install(db, keyring, clock, granted(team_id=team))
    await leave(db, clock, business)
    assert await install(db, keyring, clock, granted(team_id=team, token="xoxb-2")) == business
    assert await wipe(db, business) == {}
    assert (await rows_of(db, business))["workspaces"] == 1


async def test_a_wiped_business_leaves_a_tombstone_without_a_name(
    db: Database, clock: Clock, keyring: Keyring, team: str, other_business: UUID
) -> None:
    neighbour = await install(db, keyring, clock, granted(team_id=f"{team}N"))
    before = await rows_of(db, neighbour)
    business = await install(db, keyring, clock, granted(team_id=team))
    await leave(db, clock, business)
    deleted = await wipe(db, business)
    assert deleted["audit_log"] > 0
    assert set((await rows_of(db, business)).values()) == {0}
    assert await rows_of(db, neighbour) == before
    async with db.system_session() as session:
        left = (await session.execute(select(BusinessRow).where(BusinessRow.business_id == business))).scalar_one()
    assert (left.name, left.status) == ("removed", "wiped")


async def test_after_the_wipe_the_same_team_starts_anew(
    db: Database, clock: Clock, keyring: Keyring, team: str
) -> None:
    business = await install(db, keyring, clock, granted(team_id=team))
    await leave(db, clock, business)
    await wipe(db, business)
    assert await install(db, keyring, clock, granted(team_id=team)) != business


async def test_two_installs_of_one_team_make_one_business(
    db: Database, clock: Clock, keyring: Keyring, team: str
) -> None:
    made = await asyncio.gather(*(install(db, keyring, clock, granted(team_id=team)) for _ in range(4)))
    assert len(set(made)) == 1
