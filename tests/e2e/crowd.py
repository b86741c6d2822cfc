"""Eight owners at the same bills at the same time: each with a verb of their own, all through Slack."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from domains.businesses import BusinessStatus, list_businesses
from domains.people import Role, set_roles
from kit.db import Database, TenantSession, new_engine
from tests.e2e.world import Json, Person, World, text_of, until

SIZE = 8
VERBS = ("approve", "hold", "reject")
DONE = {"approve": "Approved by", "hold": "Held by", "reject": "Rejected by"}
# What nobody may read because others clicked too: a bug, a lock, an impatience, a dead form.
ERRORS = re.compile(r"went wrong|no longer works")
# An honest "not now": on a machine that is too small for so many people somebody is asked to try again, and does.
NOT_NOW = re.compile(r"please try again|type the command again")
TOLD = re.compile(r"already (?:approved|held|rejected) by <@")


@dataclass(frozen=True, slots=True)
class Said:
    """What one person was answered about one bill."""

    ref: str
    verb: str
    by: str
    words: str

    @property
    def won(self) -> bool:
        return f"{DONE[self.verb]} <@{self.by}>" in self.words and "already" not in self.words


@dataclass
class Crowd:
    world: World
    db: Database
    business: Any
    people: list[Person]
    ids: dict[str, str]
    read: dict[str, str]  # the newest message that each has read
    latencies: list[float] = field(default_factory=list)
    retries: int = 0

    # -- deciding -------------------------------------------------------------

    async def decide_all(self, refs: list[str]) -> list[Said]:
        """Everybody walks the same bills in the same order, each as fast as they are answered."""
        walks = (self._walk(number, person, refs) for number, person in enumerate(self.people))
        return [said for walk in await asyncio.gather(*walks) for said in walk]

    async def _walk(self, number: int, person: Person, refs: list[str]) -> list[Said]:
        return [await self._decide(person, ref, VERBS[(number + at) % 3]) for at, ref in enumerate(refs)]

    async def _decide(self, person: Person, ref: str, verb: str) -> Said:
        while NOT_NOW.search((said := await self._try(person, ref, verb)).words):
            self.retries += 1
        return said

    async def _try(self, person: Person, ref: str, verb: str) -> Said:
        await self._catch_up(person)
        if verb == "approve":
            return Said(ref, verb, self.ids[person.handle], await self._approve(person, ref))
        await self._ask("/commands", person, channel="general", text=f"/runway {verb} {ref}")
        return Said(ref, verb, self.ids[person.handle], await self._fill(person, verb))

    async def click_all(self, label: str, at: int) -> list[Json]:
        """The `at`-th card of everybody's own direct message, pressed by all of them in the same moment."""
        return await asyncio.gather(*(self.click(person, label, at) for person in self.people))

    async def click(self, person: Person, label: str, at: int) -> Json:
        message = await self.turn_of(person)
        buttons = [one for one in buttons_of(message) if one["text"]["text"].startswith(label)]
        button = buttons[at % len(buttons)]
        body = {"action_id": button["action_id"], "value": button["value"], "ts": message["ts"], "channel": "app"}
        return await self._ask("/clicks", person, **body)

    async def _fill(self, person: Person, verb: str) -> str:
        """The form that the command opened, sent and closed; or why there is none."""
        view = await self._form(person)
        if not view.get("submit"):
            return text_of(view)
        values = {"reason": "The crowd said so."} if verb == "reject" else {}
        sent = await self._ask("/submissions", person, view=view["id"], values=values)
        words = text_of(json.loads(sent["answer"])) if sent["answer"].startswith("{") else ""
        await self.world.slack("POST", "/closings", {"as": person.handle, "view": view["id"]})
        return words

    async def _approve(self, person: Person, ref: str) -> str:
        """The answer, which under load comes as an edit of "Working on it"."""
        await self._ask("/commands", person, channel="general", text=f"/runway approve {ref}")
        return text_of(await until(lambda: self._answer(person)))

    async def _form(self, person: Person) -> Json:
        """The modal once it can be sent: under load it opens empty and is filled in. Or the sentence instead of it."""

        async def look() -> Json | None:
            views = (await self.world.slack("GET", "/modals", {"as": person.handle}))["views"]
            found = [one for one in views if "One moment" not in text_of(one)]
            return found[-1] if found else await self._answer(person)

        found: Json = await until(look)
        return found

    async def _catch_up(self, person: Person) -> None:
        """What came late of an earlier try answers no later one."""
        news = await person.messages("general", after=self.read[person.handle])
        self.read[person.handle] = max((one["ts"] for one in news), default=self.read[person.handle])

    async def _answer(self, person: Person) -> Json | None:
        """The next private answer. What was read once is not asked for again: a crowd leaves thousands behind."""
        news = await person.messages("general", after=self.read[person.handle])
        found = next((one for one in news if _settled(one)), None)
        if found is not None:
            self.read[person.handle] = found["ts"]
        return found

    async def _ask(self, path: str, person: Person, **body: Any) -> Json:
        delivery = await self.world.slack("POST", path, {"as": person.handle, **body})
        assert delivery["status"] == 200, (body, delivery)
        self.latencies.append(delivery["latency_ms"])
        return delivery

    # -- looking --------------------------------------------------------------

    async def turn_of(self, person: Person) -> Json:
        """The message of the day that brought the person what waits for them."""
        return await person.sees(lambda found: next((one for one in found if is_turn(one)), None), "app")

    async def story(self, person: Person) -> dict[str, str]:
        """Bill → who decided it how, as the person's standing message tells it."""
        return told_by(await self.turn_of(person))

    async def rows(self, statement: str) -> list[Any]:
        async with self.session() as session:
            return list((await session.execute(text(statement))).all())

    async def quiet(self, patience: float = 60.0) -> None:
        """Nothing waits or runs any more."""

        async def look() -> bool:
            return not await self.rows(
                "SELECT 1 FROM outbox"
                " WHERE done_at IS NULL AND dead_at IS NULL AND not_before <= now() + interval '1 m'"
            )

        await until(look, patience)

    async def errors(self) -> list[str]:
        """Everything anybody read that speaks of trouble."""
        found = []
        for person in self.people:
            for channel in ("general", "app"):
                words = [text_of(one) for one in await person.messages(channel)]
                found += [f"{person.handle}: {one[:300]}" for one in words if ERRORS.search(one)]
        return found

    @asynccontextmanager
    async def session(self) -> AsyncIterator[TenantSession]:
        async with self.db.tenant_session(self.business) as session:
            yield session


def _settled(message: Json) -> bool:
    return message["ephemeral"] and "Working on it" not in message["text"]


def is_turn(message: Json) -> bool:
    return not message["ephemeral"] and any(one["text"]["text"].startswith("Approve") for one in buttons_of(message))


def buttons_of(message: Json) -> list[Json]:
    blocks = message.get("blocks", ())
    return [one for block in blocks for one in block.get("elements", ()) if one.get("type") == "button"]


def told_by(message: Json) -> dict[str, str]:
    """Cards are told apart by the reference in their text; the sentence of the decision follows it."""
    found: dict[str, str] = {}
    ref = ""
    for part in re.split(r"(\bB-\d+\b)", " ".join(text_of(block) for block in message["blocks"])):
        if re.fullmatch(r"B-\d+", part):
            ref = part
        elif ref and (said := re.search(r"(?:Approved|Held|Rejected) by <@\w+>", part)):
            found.setdefault(ref, said.group(0))
    return found


@asynccontextmanager
async def gathered(world: World, bills: int) -> AsyncIterator[tuple[Crowd, list[str]]]:
    """Installed, eight owners, the books read; gives the crowd and the references of `bills` fresh bills."""
    db = Database(new_engine(world.environment["DATABASE_URL"]))
    try:
        people = await _invite(world)
        await world.install(people[0].handle)
        made = await _write_bills(world, bills)
        async with db.system_session() as session:
            [business] = [one.id for one in await list_businesses(session) if one.status is BusinessStatus.ACTIVE]
        ids = {one["name"]: one["id"] for one in (await world.slack("GET", "/session", {"as": "maya"}))["people"]}
        read = {}
        for person in people:
            read[person.handle] = (await person.types("help", "general"))["ts"]  # who speaks to us is known
        async with db.tenant_session(business) as session:
            for person in people:
                await set_roles(session, ids[person.handle], [Role.OWNER, Role.ADMIN], by="test")
        await world.connect(people[0])
        await people[0].sees("The books are up to date", "app")
        yield Crowd(world, db, business, people, ids, read), made
    finally:
        await db.close()


async def _invite(world: World) -> list[Person]:
    """Where they live it is noon: nobody is disturbed in their sleep, so everybody is told at once."""
    offset = 12 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-offset:+d}"
    await world.slack("PATCH", "/people", {"person": "maya", "tz": zone})
    for number in range(2, SIZE + 1):
        await world.slack("POST", "/people", {"name": f"owner{number}", "tz": zone})
    return [world.person("maya"), *(world.person(f"owner{number}") for number in range(2, SIZE + 1))]


async def _write_bills(world: World, count: int) -> list[str]:
    """Small and unlike each other, so that each can be decided alone."""
    realm = await world.realm()
    truth = await world.qbo("GET", f"/companies/{realm}/truth")
    live = truth.get("live", truth)
    vendors = [one["Id"] for one in live["Vendor"] if one.get("Active", True)]
    [account, *_] = [one["Id"] for one in live["Account"] if one["AccountType"] == "Expense"]
    docs = [_bill(number, vendors[number % len(vendors)], account, len(vendors)) for number in range(count)]
    body = {"mutations": [{"op": "create", "entity": "Bill", "doc": doc} for doc in docs]}
    answer = await world.qbo("POST", f"/companies/{realm}/mutate", body)
    return [f"B-{doc['Id']}" for doc in answer["docs"]]


def _bill(number: int, vendor: str, account: str, vendors: int) -> Json:
    today, amount = date.today(), round(20 * 1.07 ** (number // vendors) + number / 100, 2)  # noqa: DTZ011
    line = {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
    }
    return {
        "VendorRef": {"value": vendor},
        "DocNumber": f"CROWD-{number}",
        "TxnDate": (today - timedelta(days=number % 9 + 1)).isoformat(),
        "DueDate": (today + timedelta(days=5 + number % 20)).isoformat(),
        "Line": [line],
    }


def losers_told(said: Iterable[Said]) -> list[Said]:
    """Those who were second and were not told who was first."""
    return [one for one in said if not one.won and not TOLD.search(one.words)]
