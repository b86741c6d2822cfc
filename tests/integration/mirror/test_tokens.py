"""Tokens under every race and crash that has disconnected somebody: one refresh, never a spurious disconnect."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from domains.connections import ConnectionRow, ConnectionStatus, end_connection, find_connection
from domains.qbo.connecting import Grant, keep_grant
from domains.qbo.sync import LINKED, SmartSyncService
from domains.qbo.tokens import NotConnected
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database, new_engine
from kit.errors import Busy, Refused, VendorFault
from sandbox.qbo.config import TokenMode
from sandbox.qbo.mischief import Plan, Trouble
from tests.conftest import new_business
from tests.integration.mirror.stage import Stage, differences, mirror, staged, truth
from tests.raised import company_of

REALM, OTHER = "9130000000000003", "9130000000000004"


@pytest.fixture
async def stage(db: Database, keyring: Keyring, clock: FrozenClock, business: UUID) -> AsyncIterator[Stage]:
    """Every refresh changes the token, and the old one is dead at once: the strictest Intuit there is."""
    today = clock.now().date()
    companies = (
        company_of("empty", seed=1, today=today, realm=REALM),
        company_of("empty", seed=2, today=today, realm=OTHER),
    )
    async with staged(db, keyring, clock, companies, token_mode=TokenMode.ALWAYS_ROTATE) as made:
        await made.connect(business, REALM)
        yield made


async def stored(stage: Stage, business: UUID) -> ConnectionRow:
    async with stage.db.tenant_session(business) as session:
        return (await session.execute(select(ConnectionRow))).scalar_one()


def another_process(stage: Stage, url: str) -> SmartSyncService:
    database = Database(new_engine(url, pool_size=5))
    return SmartSyncService(database, stage.keyring, stage.clock, stage.service.intuit)


async def test_a_token_with_time_left_is_used_as_it_is(stage: Stage, business: UUID) -> None:
    await stage.keeper(business).get()
    assert stage.sandbox.tokens.refreshes == {}


async def test_a_token_with_a_short_life_is_used_for_most_of_it(stage: Stage, business: UUID) -> None:
    pair = await stage.pair(REALM)
    short = replace(pair, access_expires_at=stage.clock.now() + timedelta(minutes=2))
    async with stage.db.tenant_session(business) as session:
        await keep_grant(session, stage.keeper(business), Grant(REALM, short, "U1", switch=False), stage.clock.now())
    stage.clock.advance(timedelta(seconds=100))
    await stage.keeper(business).get()
    assert stage.sandbox.tokens.refreshes == {}
    stage.clock.advance(timedelta(seconds=10))
    await stage.keeper(business).get()
    assert stage.sandbox.tokens.refreshes == {REALM: 1}


async def test_six_workers_refresh_an_expired_token_once(stage: Stage, business: UUID, database_url: str) -> None:
    stage.clock.advance(timedelta(minutes=58))
    workers = [another_process(stage, database_url) for _ in range(6)]
    seen = await asyncio.gather(*(worker.keeper(business).get() for worker in workers))
    assert stage.sandbox.tokens.refreshes == {REALM: 1}
    assert {access.generation for access in seen} == {2}
    assert len({access.token for access in seen}) == 1
    for worker in workers:
        await worker.db.close()


async def test_two_401_at_once_are_one_refresh(stage: Stage, business: UUID) -> None:
    keeper = stage.keeper(business)
    stale = await keeper.get()
    first, second = await asyncio.gather(keeper.renew(stale), keeper.renew(stale))
    assert first == second
    assert stage.sandbox.tokens.refreshes == {REALM: 1}


async def test_the_new_pair_is_stored_before_anybody_uses_it(stage: Stage, business: UUID) -> None:
    stage.clock.advance(timedelta(minutes=58))
    access = await stage.keeper(business).get()
    row = await stored(stage, business)
    assert row.access_token is not None
    assert stage.keeper(business).open(row.access_token, "access_token") == access.token
    assert row.previous_refresh_token is not None


async def test_tokens_are_sealed_to_their_row(stage: Stage, business: UUID) -> None:
    pair = await stage.keeper(business).load()
    async with stage.db.tenant_session(business) as session:
        dumped = str((await session.execute(text("SELECT qbo_connections::text FROM qbo_connections"))).all())
    assert pair.access.reveal() not in dumped
    assert pair.refresh.reveal() not in dumped


async def test_a_refusal_of_a_token_that_was_replaced_meanwhile_is_none(stage: Stage, business: UUID) -> None:
    """Another process rotated between our reading and Intuit's answer: its pair is used, nobody is disconnected."""
    keeper = stage.keeper(business)
    held = await keeper.load()
    stage.clock.advance(timedelta(minutes=58))
    newer = await keeper.get()
    late = await keeper._refresh(held, UUID(int=1))
    assert late.token == newer.token
    assert (await stored(stage, business)).status == ConnectionStatus.CONNECTED


async def test_a_refresh_whose_answer_was_lost_asks_for_a_person_once(stage: Stage, business: UUID) -> None:
    """Intuit rotated, we never heard: the stored token is dead, and so is the one before it."""
    stage.sandbox.tokens.drop_next_response = True
    stage.clock.advance(timedelta(minutes=58))
    with pytest.raises((Busy, NotConnected)):
        await stage.keeper(business).get()
    with pytest.raises(NotConnected):
        await stage.keeper(business).get()
    async with stage.db.tenant_session(business) as session:
        connection = await find_connection(session)
    assert connection is not None
    assert connection.status is ConnectionStatus.NEEDS_RECONNECT
    refreshes = dict(stage.sandbox.tokens.refreshes)
    with pytest.raises(NotConnected):
        await stage.sync(business, Kind.FULL)
    assert stage.sandbox.tokens.refreshes == refreshes


async def test_a_holder_that_died_is_waited_for_no_longer_than_its_lease(stage: Stage, business: UUID) -> None:
    async with stage.db.tenant_session(business) as session:
        dead = {"lease": UUID(int=7), "lease_until": text("now() - interval '1 second'")}
        await session.execute(update(ConnectionRow).values(**dead))
    stage.clock.advance(timedelta(minutes=58))
    assert (await stage.keeper(business).get()).generation == 2


async def test_the_end_of_consent_is_read_from_the_answer(stage: Stage, business: UUID) -> None:
    stage.sandbox.tokens.set_hard_deadline(REALM, 20)
    stage.clock.advance(timedelta(minutes=58))
    await stage.keeper(business).get()
    async with stage.db.tenant_session(business) as session:
        connection = await find_connection(session)
    assert connection is not None
    assert connection.hard_expires_at is not None
    assert abs(connection.hard_expires_at - (stage.clock.now() + timedelta(days=20))) < timedelta(hours=2)


async def test_a_company_belongs_to_one_business_at_a_time(stage: Stage, business: UUID, other_business: UUID) -> None:
    with pytest.raises(Refused, match="already connected"):
        await stage.connect(other_business, REALM)
    async with stage.db.tenant_session(business) as session:
        await end_connection(session, stage.clock.now())
    await stage.connect(other_business, REALM)


async def test_another_company_is_refused_unless_the_switch_was_asked_for(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    with pytest.raises(Refused, match="another QuickBooks company"):
        await stage.connect(business, OTHER)
    row = await stored(stage, business)
    assert (row.realm_id, row.status) == (REALM, ConnectionStatus.CONNECTED)


async def test_a_switch_forgets_the_books_of_the_other_company(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    assert await mirror(stage.db, business)
    pair = await stage.pair(OTHER)
    async with stage.db.tenant_session(business) as session:
        grant = Grant(OTHER, pair, "U1", switch=True)
        assert await keep_grant(session, stage.keeper(business), grant, stage.clock.now())
    assert await mirror(stage.db, business) == {}


@pytest.mark.parametrize("refused", [False, True])
async def test_a_sync_under_way_brings_nothing_more_of_a_company_that_was_left(
    stage: Stage, business: UUID, *, refused: bool
) -> None:
    async def switch() -> None:
        grant = Grant(OTHER, await stage.pair(OTHER), "U1", switch=True)
        async with stage.db.tenant_session(business) as session:
            await keep_grant(session, stage.keeper(business), grant, stage.clock.now())

    stage.line.meanwhile = switch
    if refused:  # and tries again with the token of the other company, which is not good for this one
        stage.sandbox.mischief.plans.append(Plan(Trouble.UNAUTHORIZED, endpoint="query", entity="Bill"))
    with pytest.raises(Busy, match="another company"):
        await stage.sync(business, Kind.FULL, job_key="first")
    assert await mirror(stage.db, business) == {}
    assert (await stored(stage, business)).status == ConnectionStatus.CONNECTED
    await stage.sync(business, Kind.FULL, job_key="first")
    assert differences(truth(stage.sandbox.companies[OTHER]), await mirror(stage.db, business)) == []


async def test_a_new_consent_waits_for_no_page_that_is_being_stored(stage: Stage, business: UUID) -> None:
    before = (await stored(stage, business)).generation
    async with stage.db.tenant_session(business) as page:
        await page.execute(LINKED, {"business": business})
        await stage.connect_again(business)
    assert (await stored(stage, business)).generation == before + 1


async def test_a_refusal_that_comes_after_a_new_consent_ends_nothing(stage: Stage, business: UUID) -> None:
    async def reconnect() -> None:
        await stage.connect_again(business)

    stage.line.meanwhile = reconnect
    stage.sandbox.mischief.plans.append(Plan(Trouble.FORBIDDEN, endpoint="query", entity="Bill"))
    with pytest.raises(VendorFault):
        await stage.sync(business, Kind.FULL)
    assert (await stored(stage, business)).status == ConnectionStatus.CONNECTED


async def test_a_disconnected_business_holds_no_token(stage: Stage, business: UUID) -> None:
    async with stage.db.tenant_session(business) as session:
        assert await end_connection(session, stage.clock.now())
    row = await stored(stage, business)
    assert (row.access_token, row.refresh_token, row.previous_refresh_token) == (None, None, None)
    with pytest.raises(NotConnected):
        await stage.keeper(business).get()


async def test_six_workers_over_two_hundred_companies_refresh_each_exactly_once(
    db: Database, keyring: Keyring, clock: FrozenClock, database_url: str
) -> None:
    companies = tuple(
        company_of("empty", today=clock.now().date(), realm=f"91400000000{number:05}") for number in range(200)
    )
    async with staged(db, keyring, clock, companies, token_mode=TokenMode.ALWAYS_ROTATE) as stage:
        businesses = [await new_business(db, f"Company {number}") for number in range(200)]
        for business, company in zip(businesses, companies, strict=True):
            await stage.connect(business, company.realm)
        clock.advance(timedelta(minutes=58))
        workers = [another_process(stage, database_url) for _ in range(6)]
        await asyncio.gather(*(_refresh_all(worker, businesses) for worker in workers))
        assert stage.sandbox.tokens.refreshes == {company.realm: 1 for company in companies}
        for business in businesses:
            assert (await stored(stage, business)).status == ConnectionStatus.CONNECTED
        for worker in workers:
            await worker.db.close()


async def _refresh_all(worker: SmartSyncService, businesses: list[UUID]) -> None:
    for business in businesses:
        await worker.keeper(business).get()
