"""QuickBooks at its worst: whatever it answers, the mirror ends equal to the books or keeps what it had and says so."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from domains.connections import ConnectionStatus, find_connection
from domains.mirror import Entity, QuarantineRow
from domains.qbo.client import TRIES
from domains.qbo.faults import MalformedAnswer
from domains.qbo.tokens import NotConnected
from domains.sync_history import Kind, RunState
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from kit.errors import Busy, VendorFault
from sandbox.books.demo import DEMO
from sandbox.qbo import mutations
from sandbox.qbo.mischief import Plan, RandomTrouble, Trouble
from tests.integration.mirror.stage import Stage, differences, mirror, staged, truth
from tests.raised import company_of

REALM = "9130000000000002"
PASSING = (
    Trouble.SERVER_ERROR,
    Trouble.UNAVAILABLE,
    Trouble.HTML,
    Trouble.XML,
    Trouble.FAULT_IN_200,
    Trouble.THROTTLED,
    Trouble.THROTTLED_UPPER,
    Trouble.THROTTLED_XML,
    Trouble.GATEWAY_TIMEOUT,
    Trouble.UNAUTHORIZED,
    Trouble.ITEM_FAULT,
    Trouble.TRUNCATED,
    Trouble.NAN,
    Trouble.LIVE_AS_DELETED,
    Trouble.MISSING_ID,
    Trouble.DUPLICATE_KEYS,
    Trouble.RESET,
)


@pytest.fixture
async def stage(db: Database, keyring: Keyring, clock: FrozenClock, business: UUID) -> AsyncIterator[Stage]:
    company = company_of(DEMO.key, today=clock.now().date(), realm=REALM)
    async with staged(db, keyring, clock, (company,)) as made:
        await made.connect(business, REALM)
        yield made


async def persist(stage: Stage, business: UUID, kind: Kind, job_key: str) -> int:
    """What the outbox does: the same job again and again until it ends. Returns how often."""
    for attempt in range(1, 80):
        try:
            await stage.sync(business, kind, job_key=job_key)
        except Busy:
            continue
        return attempt
    raise AssertionError("the sync never ended")


@pytest.mark.parametrize("seed", range(12))
async def test_a_fifth_of_all_answers_goes_wrong_and_the_mirror_is_still_the_books(
    stage: Stage, business: UUID, seed: int
) -> None:
    stage.sandbox.mischief.reseed(seed)
    stage.sandbox.mischief.chance = RandomTrouble(0.2, PASSING, 0.01)
    await persist(stage, business, Kind.FULL, "first")
    stage.clock.advance(timedelta(minutes=20))
    for bill in [row.id for row in stage.company(business).tables["Bill"].values()][:20]:
        mutations.apply(stage.company(business), {"op": "raw", "entity": "Bill", "id": bill}, stage.clock.now())
    await persist(stage, business, Kind.INCREMENTAL, "second")
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []


@pytest.mark.parametrize("trouble", [Trouble.TRUNCATED, Trouble.NAN])
async def test_nothing_of_malformed_answers_is_used_and_the_sync_waits_for_better_ones(
    stage: Stage, business: UUID, trouble: Trouble
) -> None:
    await stage.sync(business, Kind.FULL)
    before = await mirror(stage.db, business)
    stage.clock.advance(timedelta(hours=2))
    bill = next(iter(stage.company(business).tables["Bill"]))
    mutations.apply(stage.company(business), {"op": "raw", "entity": "Bill", "id": bill}, stage.clock.now())
    stage.sandbox.mischief.plans.append(Plan(trouble, times=TRIES))
    with pytest.raises(MalformedAnswer):
        await stage.sync(business, job_key="late")
    assert await mirror(stage.db, business) == before
    run = await stage.last_run(business)
    assert run.state == RunState.FAILED
    assert run.reason == "QuickBooks sent an answer that could not be read; nothing of it was used."
    await stage.sync(business, job_key="late")
    taken_up = await stage.last_run(business)
    assert (taken_up.id, taken_up.state, taken_up.reason) == (run.id, RunState.SUCCEEDED, None)
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []


async def test_one_malformed_answer_is_asked_for_again_at_once(stage: Stage, business: UUID) -> None:
    stage.sandbox.mischief.plans.append(Plan(Trouble.TRUNCATED))
    await stage.sync(business, Kind.FULL)
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []


async def test_an_unreadable_record_is_quarantined_counted_and_released_when_it_can_be_read(
    stage: Stage, business: UUID
) -> None:
    company = stage.company(business)
    bill = next(iter(company.tables["Bill"]))
    good = company.get("Bill", bill)
    company.put("Bill", {**good, "TxnDate": "2026-02-31"})
    await stage.sync(business, Kind.FULL)
    assert ("Bill", bill) not in await mirror(stage.db, business)
    assert (await stage.last_run(business)).quarantined >= 1
    assert [row.qbo_id for row in await quarantined(stage, business)] == [bill]
    stage.clock.advance(timedelta(minutes=5))
    mutations.apply(
        company, {"op": "raw", "entity": "Bill", "id": bill, "set": {"TxnDate": good["TxnDate"]}}, stage.clock.now()
    )
    await stage.sync(business)
    assert await quarantined(stage, business) == []
    assert differences(truth(company), await mirror(stage.db, business)) == []


async def quarantined(stage: Stage, business: UUID) -> list[QuarantineRow]:
    async with stage.db.tenant_session(business) as session:
        return list((await session.execute(select(QuarantineRow))).scalars())


async def test_a_change_that_came_without_its_id_is_asked_for_again(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    stage.clock.advance(timedelta(days=3))
    await stage.connect_again(business)
    bill = next(iter(stage.company(business).tables["Bill"]))
    mutations.apply(stage.company(business), {"op": "raw", "entity": "Bill", "id": bill}, stage.clock.now())
    stage.sandbox.mischief.plans.append(Plan(Trouble.MISSING_ID, endpoint="cdc"))
    await stage.sync(business)
    stage.clock.advance(timedelta(hours=1))
    await stage.sync(business)
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []
    assert await quarantined(stage, business)
    stage.clock.advance(timedelta(days=7))
    await stage.connect_again(business)
    await stage.sync(business, Kind.RECONCILE)
    assert await quarantined(stage, business) == []


async def test_an_unreadable_change_keeps_the_last_readable_version(stage: Stage, business: UUID) -> None:
    await stage.sync(business, Kind.FULL)
    company, bill = stage.company(business), next(iter(stage.company(business).tables["Bill"]))
    before = (await mirror(stage.db, business))[("Bill", bill)]
    stage.clock.advance(timedelta(minutes=5))
    change = {"op": "raw", "entity": "Bill", "id": bill, "set": {"TotalAmt": "a lot"}}
    mutations.apply(company, change, stage.clock.now())
    await stage.sync(business)
    assert (await mirror(stage.db, business))[("Bill", bill)] == before
    assert len(await quarantined(stage, business)) == 1


@pytest.mark.parametrize("trouble", [Trouble.THROTTLED, Trouble.THROTTLED_UPPER, Trouble.THROTTLED_XML])
async def test_being_throttled_pauses_the_company_and_is_no_failure(
    stage: Stage, business: UUID, trouble: Trouble
) -> None:
    stage.sandbox.mischief.plans.append(Plan(trouble))
    with pytest.raises(Busy):
        await stage.sync(business, Kind.FULL)
    assert stage.limiter.paused == [f"qbo:{REALM}"]
    assert (await stage.last_run(business)).state == RunState.WAITING


async def test_one_401_costs_one_refresh_and_one_replay(stage: Stage, business: UUID) -> None:
    stage.sandbox.mischief.plans.append(Plan(Trouble.UNAUTHORIZED))
    await stage.sync(business, Kind.FULL)
    assert stage.sandbox.tokens.refreshes == {REALM: 1}


@pytest.mark.parametrize("trouble", [Trouble.LOST_RIGHTS, Trouble.FORBIDDEN])
async def test_lost_access_stops_everything_until_a_person_connects_again(
    stage: Stage, business: UUID, trouble: Trouble
) -> None:
    stage.sandbox.mischief.plans.append(Plan(trouble))
    with pytest.raises(VendorFault):
        await stage.sync(business, Kind.FULL)
    async with stage.db.tenant_session(business) as session:
        connection = await find_connection(session)
    assert connection is not None
    assert connection.status is ConnectionStatus.NEEDS_RECONNECT
    asked = stage.requests(business)
    with pytest.raises(NotConnected):
        await stage.sync(business)
    assert stage.requests(business) == asked


async def test_some_401_in_a_row_are_a_bad_moment_while_the_consent_is_renewed(stage: Stage, business: UUID) -> None:
    stage.sandbox.mischief.plans.append(Plan(Trouble.UNAUTHORIZED, times=TRIES - 1))
    await stage.sync(business, Kind.FULL)
    assert stage.sandbox.tokens.refreshes == {REALM: 1}


async def test_a_401_that_a_fresh_token_does_not_mend_asks_for_a_person(stage: Stage, business: UUID) -> None:
    stage.sandbox.mischief.plans.append(Plan(Trouble.UNAUTHORIZED, times=TRIES))
    with pytest.raises(VendorFault):
        await stage.sync(business, Kind.FULL)
    async with stage.db.tenant_session(business) as session:
        connection = await find_connection(session)
    assert connection is not None
    assert not connection.live


async def test_a_failure_on_any_page_resumes_where_it_stopped(stage: Stage, business: UUID) -> None:
    """Ten requests succeed, the next fails, over and over: the job gets through without starting from the beginning."""
    for _ in range(6):
        stage.sandbox.mischief.plans.append(Plan(Trouble.SERVER_ERROR, times=4, skip=4))
    attempts = await persist(stage, business, Kind.FULL, "resumed")
    assert differences(truth(stage.company(business)), await mirror(stage.db, business)) == []
    assert attempts > 1
    run = await stage.last_run(business)
    assert run.requests == stage.requests(business)


@pytest.mark.parametrize("told_by", [("cdc",), ("cdc", "query")])
async def test_a_live_record_that_is_called_deleted_stays(
    stage: Stage, business: UUID, told_by: tuple[str, ...]
) -> None:
    """By the changes, and once more when it is asked for by its id."""
    await stage.sync(business, Kind.FULL)
    stage.clock.advance(timedelta(minutes=5))
    bill = next(iter(stage.company(business).tables["Bill"]))
    mutations.apply(stage.company(business), {"op": "raw", "entity": "Bill", "id": bill}, stage.clock.now())
    stage.sandbox.mischief.plans.extend(Plan(Trouble.LIVE_AS_DELETED, endpoint=name) for name in told_by)
    await stage.sync(business)
    assert not stage.sandbox.mischief.plans
    await stage.sync(business)
    assert (Entity.BILL, bill) in await mirror(stage.db, business)
