"""Deliveries become one order per company; the clock orders the rest; two tenants with the same ids never meet."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domains.books import Books, Unreadable
from domains.connections import end_connection, list_connected
from domains.payables import BillService
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from kit.outbox import OutboxRow
from orchestrators.sync_schedule import enqueue_due, look
from orchestrators.webhooks import WebhookIntake
from sandbox.books.demo import DEMO
from sandbox.qbo import mutations
from tests.conftest import NOW
from tests.integration.mirror.quiet import BEGINS, BUDGET, live, reads
from tests.integration.mirror.stage import Stage, differences, mirror, staged, truth
from tests.raised import company_of

MINE, THEIRS = "9130000000000006", "9130000000000007"


@pytest.fixture(scope="module", autouse=True)
async def alone(db: Database) -> None:
    """The clock orders for whoever is connected: what other tests left behind is disconnected."""
    async with db.system_session() as session:
        left = await list_connected(session)
    for business in left:
        async with db.tenant_session(business) as session:
            await end_connection(session, NOW)


@pytest.fixture
async def two(
    db: Database, keyring: Keyring, clock: FrozenClock, business: UUID, other_business: UUID
) -> AsyncIterator[Stage]:
    """Two businesses whose books hold the same ids."""
    today = clock.now().date()
    companies = tuple(company_of(DEMO.key, today=today, realm=MINE) for _ in range(2))
    companies[1].realm = THEIRS
    async with staged(db, keyring, clock, companies) as made:
        await made.connect(business, MINE)
        await made.connect(other_business, THEIRS)
        yield made


def intake(stage: Stage) -> WebhookIntake:
    return WebhookIntake(stage.db, stage.clock, Books(stage.service, ("old", "new")))


def event(number: int, realm: str, kind: str = "bill.updated", **more: Any) -> dict[str, Any]:
    return {"id": f"e-{number}", "type": f"qbo.{kind}.v1", "intuitentityid": "1", "intuitaccountid": realm, **more}


async def orders(stage: Stage, business: UUID) -> list[OutboxRow]:
    async with stage.db.tenant_session(business) as session:
        found = select(OutboxRow).where(OutboxRow.kind.like("SyncBooks%")).order_by(OutboxRow.created_at)
        return list((await session.execute(found)).scalars())


async def test_a_burst_for_two_companies_is_one_order_each(two: Stage, business: UUID, other_business: UUID) -> None:
    burst = [event(number, MINE if number % 2 else THEIRS) for number in range(20)]
    assert await intake(two).take(json.dumps(burst).encode()) == 20
    assert await intake(two).take(json.dumps([event(99, MINE)]).encode()) == 1
    assert [len(await orders(two, one)) for one in (business, other_business)] == [1, 1]


async def test_a_repeated_delivery_orders_nothing(two: Stage, business: UUID) -> None:
    raw = json.dumps([event(1, MINE)]).encode()
    assert [await intake(two).take(raw) for _ in range(3)] == [1, 0, 0]
    assert len(await orders(two, business)) == 1


async def test_an_unknown_company_is_passed_over(two: Stage, business: UUID) -> None:
    assert await intake(two).take(json.dumps([event(1, "404")]).encode()) == 0
    assert await orders(two, business) == []


async def test_a_kind_that_is_not_mirrored_orders_nothing(two: Stage, business: UUID) -> None:
    assert await intake(two).take(json.dumps([event(1, MINE, "estimate.created")]).encode()) == 1
    assert await orders(two, business) == []


async def test_a_merge_is_ordered_with_both_names_even_while_another_order_waits(two: Stage, business: UUID) -> None:
    await intake(two).take(json.dumps([event(1, MINE)]).encode())
    await intake(two).take(json.dumps([event(2, MINE, "vendor.merged", data={"deletedId": "9"})]).encode())
    assert [row.payload["merges"] for row in await orders(two, business)] == [
        [],
        [{"entity": "Vendor", "kept": "1", "gone": "9"}],
    ]


async def test_what_nobody_can_read_is_refused_and_nothing_is_ordered(two: Stage, business: UUID) -> None:
    with pytest.raises(Unreadable):
        await intake(two).take(b'{"eventNotifications": 7}')
    assert await orders(two, business) == []


async def test_a_delivery_is_signed_by_either_token_over_its_raw_bytes(two: Stage) -> None:
    raw = b'[ {"id":"1"} ]'
    books = intake(two).books
    for token, good in (("old", True), ("new", True), ("none", False)):
        signature = base64.b64encode(hmac.new(token.encode(), raw, hashlib.sha256).digest()).decode()
        assert books.is_signed(raw, signature) is good


async def test_the_clock_orders_what_is_due_once_however_many_ask(two: Stage, business: UUID) -> None:
    for tenant in two.realms:
        await two.sync(tenant, Kind.FULL)
    assert await enqueue_due(two.db, two.clock, budget=BUDGET) == 0
    two.clock.advance(timedelta(hours=1, minutes=7))
    assert await enqueue_due(two.db, two.clock, budget=BUDGET) == 2
    assert await enqueue_due(two.db, two.clock, budget=BUDGET) == 0
    (row,) = await orders(two, business)
    assert (row.payload["kind"], row.payload["actor"]) == ("incremental", "runway")


async def test_books_that_were_never_read_are_ordered_again_where_no_order_is_left(two: Stage, business: UUID) -> None:
    """As when QuickBooks was away for so long that the first sync was given up."""
    assert await enqueue_due(two.db, two.clock, budget=BUDGET) == 2
    assert await enqueue_due(two.db, two.clock, budget=BUDGET) == 0
    (row,) = await orders(two, business)
    assert row.payload["kind"] == "full"


async def test_near_the_months_budget_the_clock_orders_half_as_often(two: Stage, business: UUID) -> None:
    for tenant in two.realms:
        await two.sync(tenant, Kind.FULL)
    spent = sum([await reads(two, tenant) for tenant in two.realms])
    two.clock.advance(timedelta(hours=1, minutes=7))
    assert await enqueue_due(two.db, two.clock, budget=spent) == 0
    two.clock.advance(timedelta(hours=1, minutes=7))
    assert await enqueue_due(two.db, two.clock, budget=spent) == 2


async def test_who_looks_at_figures_has_the_books_read_again_but_not_twice_in_a_quarter_of_an_hour(
    two: Stage, business: UUID, other_business: UUID
) -> None:
    async def looked() -> list[bool]:
        async with two.db.tenant_session(business) as session:
            return [await look(session, two.clock) for _ in range(2)]

    assert await looked() == [False, False]  # never read: connecting orders that
    await two.sync(business, Kind.FULL)
    two.clock.advance(timedelta(minutes=14))
    assert await looked() == [False, False]
    two.clock.advance(timedelta(minutes=2))
    assert await looked() == [True, False]
    (row,) = await orders(two, business)
    assert (row.payload["kind"], row.payload["actor"]) == ("incremental", "runway")
    assert await orders(two, other_business) == []
    async with two.db.tenant_session(business) as session:
        await end_connection(session, two.clock.now())
    two.clock.advance(timedelta(hours=2))
    assert await looked() == [False, False]


async def test_a_company_that_was_disconnected_is_left_alone(two: Stage, business: UUID, other_business: UUID) -> None:
    for tenant in two.realms:
        await two.sync(tenant, Kind.FULL)
    async with two.db.tenant_session(business) as session:
        await end_connection(session, two.clock.now())
    two.clock.advance(timedelta(hours=2))
    assert await enqueue_due(two.db, two.clock, budget=BUDGET) == 1
    assert await orders(two, business) == []


async def test_two_tenants_with_the_same_ids_keep_to_their_own_books(
    two: Stage, business: UUID, other_business: UUID
) -> None:
    for tenant in two.realms:
        await two.sync(tenant, Kind.FULL)
    two.clock.advance(timedelta(minutes=5))
    rows = (row.doc() for row in two.company(business).tables["Bill"].values())
    bill = next(doc["Id"] for doc in rows if doc["Balance"] > 0 and "VendorRef" in doc)
    mutations.apply(two.company(business), {"op": "delete", "entity": "Bill", "id": bill}, two.clock.now())
    theirs = await mirror(two.db, other_business)
    await two.sync(business)
    assert await mirror(two.db, other_business) == theirs
    for tenant in two.realms:
        assert differences(truth(two.company(tenant)), await mirror(two.db, tenant)) == []
    async with two.db.tenant_session(business) as session:
        assert (await BillService(session).get_by_qbo_id(bill)).deleted
    async with two.db.tenant_session(other_business) as session:
        assert not (await BillService(session).get_by_qbo_id(bill)).deleted


@pytest.mark.unmeasured
async def test_a_quiet_month_costs_at_most_six_hundred_reads(
    db: Database, keyring: Keyring, clock: FrozenClock, business: UUID
) -> None:
    """A full sync and, by the measure of a week, 31 days; `benchmarks/bench_month.py` lives them all."""
    clock.advance(BEGINS - clock.now())
    company = company_of("soloist", today=clock.now().date(), realm=MINE)
    async with staged(db, keyring, clock, (company,)) as stage:
        await stage.connect(business, MINE)
        await stage.sync(business, Kind.FULL)
        full = await reads(stage, business)
        week = await live(stage, business, BEGINS + timedelta(days=7))
        assert 300 < full + week * 31 / 7 <= 600
        assert differences(truth(company), await mirror(db, business)) == []
