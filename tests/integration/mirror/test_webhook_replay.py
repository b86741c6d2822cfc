"""Days of edits that only webhooks tell of: shuffled, doubled, late, out of order, and the mirror becomes the books.

No sync here is ordered by the clock or by a person: what the deliveries do not order is never read.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text
from starlette.applications import Starlette

from bot import qbo_routes
from bot.http import guarded
from bot.messenger import Messenger
from bot.tools import Tools
from domains.books import Books
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.config import Settings
from kit.crypto import Keyring
from kit.db import Database
from kit.limits import new_redis
from kit.metrics import Metrics
from kit.outbox import OutboxRow
from kit.runtime import Runtime
from sandbox.books.demo import DEMO
from sandbox.qbo import mutations
from sandbox.qbo.config import WebhookFormat
from tests.integration.mirror.stage import Line, Stage, staged
from tests.integration.mirror.test_changes import equal
from tests.raised import company_of
from workers import import_all
from workers.actor import run_next

REALM, VERIFIER = "9130000000000041", "verifier-of-the-replay"
ROUNDS, EDITS = 5, 4


@dataclass
class Post:
    """Intuit's deliveries on their way: kept here until somebody decides when, and how often, they arrive."""

    kept: list[httpx.Request] = field(default_factory=list)

    def take(self, request: httpx.Request) -> httpx.Response:
        self.kept.append(request)
        return httpx.Response(200)


@dataclass
class Replay:
    stage: Stage
    business: UUID
    post: Post
    tools: Tools
    route: httpx.AsyncClient
    luck: Random

    async def edit(self) -> None:
        """A burst, told in one delivery a moment later."""
        company = self.stage.company(self.business)
        for mutation in _edits(self.stage, self.business, self.luck):
            mutations.apply(company, mutation, self.stage.clock.now())
            self.stage.clock.advance(timedelta(seconds=1))
        await self.stage.sandbox.webhooks.settle()

    async def deliver(self, *requests: httpx.Request) -> None:
        for request in requests:
            headers = {"intuit-signature": request.headers["intuit-signature"], "content-type": "application/json"}
            answer = await self.route.post("/qbo/webhooks", content=request.content, headers=headers)
            assert answer.status_code == 200

    async def work(self) -> int:
        """Carry out what the deliveries ordered."""
        ran = 0
        while (row := await self._ordered()) is not None:
            assert await run_next(self.tools, only=row)
            ran += 1
        return ran

    async def _ordered(self) -> UUID | None:
        async with self.stage.db.tenant_session(self.business) as session:
            await session.execute(text("UPDATE outbox SET not_before = now() WHERE done_at IS NULL"))
            syncs = select(OutboxRow.id).where(OutboxRow.kind.like("SyncBooks%"), OutboxRow.done_at.is_(None))
            return (await session.execute(syncs.order_by(OutboxRow.created_at).limit(1))).scalar_one_or_none()


def _edits(stage: Stage, business: UUID, luck: Random) -> Iterator[dict[str, Any]]:
    """What people do in a while: all kinds, on records that are there at that moment."""
    for _ in range(EDITS):
        bill = _untouched(stage, business, luck, "Bill", "VendorRef")
        invoice = _untouched(stage, business, luck, "Invoice", "CustomerRef")
        yield luck.choice(
            [
                {"op": "pay_bill", "id": bill},
                {"op": "receive_payment", "id": invoice},
                {"op": "delete", "entity": "Bill", "id": bill},
                {"op": "void", "entity": "Invoice", "id": invoice},
                {"op": "edit", "entity": "Bill", "id": bill, "set": {"PrivateNote": f"note {luck.random()}"}},
                {"op": "edit", "entity": "Invoice", "id": invoice, "set": {"DueDate": "2027-01-15"}},
            ]
        )


def _untouched(stage: Stage, business: UUID, luck: Random, entity: str, party: str) -> str:
    """An open one that nothing is linked to: those may be deleted and voided too."""
    docs = [row.doc() for row in stage.company(business).tables[entity].values()]
    return str(
        luck.choice([doc for doc in docs if doc["Balance"] > 0 and party in doc and not doc.get("LinkedTxn")])["Id"]
    )


@pytest.fixture(params=[WebhookFormat.CLOUD_EVENTS, WebhookFormat.EVENT_NOTIFICATIONS])
async def replay(
    request: pytest.FixtureRequest, db: Database, keyring: Keyring, clock: FrozenClock, business: UUID
) -> AsyncIterator[Replay]:
    import_all()
    company, post = company_of(DEMO.key, today=clock.now().date(), realm=REALM), Post()
    hooks = {
        "webhook_url": "http://127.0.0.1:8000/qbo/webhooks",
        "webhook_format": request.param,
        "webhook_delay_seconds": 0,
        "webhook_transport": httpx.MockTransport(post.take),
        "verifier_token": VERIFIER,
    }
    async with staged(db, keyring, clock, (company,), **hooks) as stage:
        await stage.connect(business, REALM)
        await stage.sync(business, Kind.FULL)
        clock.advance(timedelta(minutes=10))
        stage.sandbox.webhooks.shuffle = True
        runtime = Runtime(Settings(), db, new_redis("redis://127.0.0.1:1"), clock, keyring, Metrics())
        tools = Tools(runtime, cast(Messenger, None), Books(stage.service, (VERIFIER,)))
        bot = Line(app=Starlette(routes=qbo_routes.routes(tools, guarded)))
        async with httpx.AsyncClient(transport=bot, base_url="http://127.0.0.1:8000") as route:
            yield Replay(stage, business, post, tools, route, Random(11))


async def test_shuffled_doubled_and_late_deliveries_make_the_mirror_the_books(replay: Replay) -> None:
    held: list[httpx.Request] = []
    for number in range(ROUNDS):
        await replay.edit()
        (fresh,) = replay.post.kept[number:]
        if number % 3 == 1:
            held.append(fresh)  # arrives after its successors
            continue
        await replay.deliver(fresh, *replay.luck.sample(replay.post.kept, k=min(2, number + 1)), fresh)
        assert await replay.work() == 1
    await replay.deliver(*reversed(held), *held)
    assert await replay.work() == 1
    assert await equal(replay.stage, replay.business) == []


async def test_what_was_delivered_before_orders_nothing_again(replay: Replay) -> None:
    await replay.edit()
    await replay.deliver(*replay.post.kept)
    assert await replay.work() == 1
    replay.stage.clock.advance(timedelta(hours=1))
    await replay.deliver(*replay.post.kept)
    assert await replay.work() == 0
    assert await equal(replay.stage, replay.business) == []


async def test_a_merge_told_twice_among_other_news_moves_its_documents(replay: Replay) -> None:
    company, now = replay.stage.company(replay.business), replay.stage.clock.now()
    vendors = [row.doc() for row in company.tables["Vendor"].values()]
    kept, gone = [doc["Id"] for doc in vendors if doc["Active"] and doc["Balance"] > 0][:2]
    mutations.apply(company, {"op": "merge", "entity": "Vendor", "id": gone, "into": kept}, now)
    await replay.edit()
    await replay.deliver(*replay.post.kept, *replay.post.kept)
    assert await replay.work() >= 1
    assert await equal(replay.stage, replay.business) == []
