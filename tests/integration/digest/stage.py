"""A Slack that keeps a ledger, and the tools of a process around it: workers run as they do in earnest."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import text

from bot.messenger import Messenger, Place
from bot.messenger.answers import SlackPerson
from bot.tools import Tools
from bot.views.blocks import Home, Message
from bot.views.checks import check
from domains.books import Books
from kit.clock import Clock
from kit.config import Settings
from kit.crypto import Keyring
from kit.db import Database
from kit.limits import new_redis
from kit.metrics import Metrics
from kit.runtime import Runtime
from workers import decisions, digest, handoffs, notices, redraw, welcome
from workers.actor import run_next

Trouble = Callable[[str], None]
HANDLED_BY = (decisions, digest, handoffs, notices, redraw, welcome)  # importing them registers what they do


@dataclass(slots=True)
class Sent:
    """One request that Slack took."""

    method: str
    channel: str
    ts: str
    text: str
    payload: dict[str, object]


class FakeMessenger(Messenger):
    """Takes messages like Slack does; `before` and `after` are called around the moment at which it does."""

    def __init__(self) -> None:
        self.ledger: list[Sent] = []
        self.homes: list[tuple[str, dict[str, object]]] = []
        self.files: list[tuple[str, str, bytes]] = []
        self.before: Trouble = _nothing
        self.after: Trouble = _nothing
        self.owners: set[str] = set()
        self.refused: dict[str, str] = {}
        self.zone = "UTC"

    def of(self, method: str, channel: str | None = None) -> list[Sent]:
        return [one for one in self.ledger if one.method == method and channel in (None, one.channel)]

    async def post(self, business: UUID, channel: str, message: Message, *, thread_ts: str | None = None) -> Place:
        return self._take("chat.postMessage", channel, f"{1_000 + len(self.ledger)}.0001", message)

    async def update(self, business: UUID, place: Place, message: Message) -> None:
        self._take("chat.update", place.channel, place.ts, message)

    def _take(self, method: str, channel: str, ts: str, message: Message) -> Place:
        self.before(method)
        payload = message.payload()
        check("message", payload)
        self.ledger.append(Sent(method, channel, ts, str(message.text), payload))
        self.after(method)
        return Place(channel, ts)

    async def dm_channel(self, business: UUID, person: str) -> str:
        self.before("conversations.open")
        return f"D{person}"

    async def upload(self, business: UUID, channel: str, *, name: str, title: str, content: bytes, note: str) -> None:
        self.before("files.upload")
        self.files.append((channel, name, content))
        self.after("files.upload")

    async def publish_home(self, business: UUID, person: str, home: Home) -> None:
        self.before("views.publish")
        payload = home.payload()
        check("home", payload)
        self.homes.append((person, payload))

    async def person(self, business: UUID, slack_user: str) -> SlackPerson:
        owner = slack_user in self.owners
        return SlackPerson(
            slack_user=slack_user,
            name=slack_user.title(),
            zone=self.zone,
            is_owner=owner,
            refused_as=self.refused.get(slack_user),
        )


def _nothing(_method: str) -> None:
    return None


@dataclass(slots=True)
class Stage:
    """One business's process: orders are run until none is due."""

    db: Database
    business: UUID
    clock: Clock
    slack: FakeMessenger = field(default_factory=FakeMessenger)

    def tools(self) -> Tools:
        keyring = Keyring({"test": bytes(32)})
        redis = new_redis("redis://127.0.0.1:1")  # never asked: nothing here is paced
        runtime = Runtime(Settings(), self.db, redis, self.clock, keyring, Metrics())
        return Tools(runtime, self.slack, cast("Books", None))  # what is tested here never asks QuickBooks

    async def run(self, *, most: int = 200) -> int:
        """Run what is due for this business; returns how many rows were run."""
        tools, ran = self.tools(), 0
        while ran < most and (row := await self._due()) is not None:
            await run_next(tools, only=row)
            ran += 1
        return ran

    async def _due(self) -> UUID | None:
        """The oldest that may run: serial rows wait for their elders."""
        async with self.db.tenant_session(self.business) as session:
            found = await session.execute(
                text("""
                SELECT id FROM outbox o WHERE done_at IS NULL AND dead_at IS NULL AND not_before <= now()
                  AND (lease_until IS NULL OR lease_until < now())
                  AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.serial_key = o.serial_key AND p.done_at IS NULL
                                  AND p.dead_at IS NULL AND (p.created_at, p.id) < (o.created_at, o.id))
                ORDER BY created_at, id LIMIT 1
                """)
            )
            return found.scalar_one_or_none()

    async def forget_lease(self) -> None:
        """The worker is dead and its lease has run out."""
        await self._sql("UPDATE outbox SET lease_until = now() - interval '1 second' WHERE lease_token IS NOT NULL")

    async def make_due(self) -> None:
        """As if the pauses were over."""
        await self._sql("UPDATE outbox SET not_before = now() WHERE done_at IS NULL AND dead_at IS NULL")

    async def waiting(self) -> list[str]:
        async with self.db.tenant_session(self.business) as session:
            statement = text("SELECT kind FROM outbox WHERE done_at IS NULL AND dead_at IS NULL ORDER BY created_at")
            return list((await session.execute(statement)).scalars())

    async def dead(self) -> list[str]:
        async with self.db.tenant_session(self.business) as session:
            statement = text("SELECT kind || ': ' || last_error FROM outbox WHERE dead_at IS NOT NULL")
            return list((await session.execute(statement)).scalars())

    async def _sql(self, statement: str) -> None:
        async with self.db.tenant_session(self.business) as session:
            await session.execute(text(statement))
