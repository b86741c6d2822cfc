"""A desk whose clicks wait for an answer: listeners and jobs, with Slack and QuickBooks as a test has them answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import select

from bot.actions import Ref
from bot.experiences import routes
from bot.replies import Origin, Turn
from bot.tools import Tools
from bot.views.blocks import Message, Modal
from bot.views.ids import Form
from domains.books import Books, Need
from domains.freshness import Freshness
from domains.mirror import Entity
from domains.qbo.sync import LiveRead
from kit.clock import FrozenClock
from kit.db import Database
from kit.http import ConnectionFailed
from kit.outbox import OutboxRow
from orchestrators.console import DecisionConsoleDataOrchestrator
from orchestrators.results.console import PlanResult
from tests.integration.desk.company import MAYA, TODAY, Company, bill
from tests.integration.desk.conftest import caller
from tests.integration.digest.stage import FakeMessenger, Stage
from workers import import_all
from workers.actor import run_next

URL = "https://hooks.slack.com/actions/T1/1/secret-path"
KEY = "Bill:146:MISSING_DUE_DATE"
AMOUNTS = {"146": 900, "150": 1_500}


class Replies(FakeMessenger):
    def __init__(self) -> None:
        super().__init__()
        self.replies: list[tuple[str, Message]] = []
        self.views: list[tuple[str, Modal]] = []
        self.whispers: list[tuple[str, Message]] = []
        self.away = 0
        self.forgotten = False

    async def respond(self, url: str, message: Message, *, replace: bool) -> bool:
        assert replace
        if self.away:
            self.away -= 1
            raise ConnectionFailed("no answer", may_have_arrived=True)
        self.replies += [] if self.forgotten else [(url, message)]
        return not self.forgotten

    async def whisper(self, business: UUID, channel: str, person: str, message: Message) -> None:
        self.whispers.append((person, message))

    async def update_view(self, business: UUID, view_id: str, modal: Modal) -> None:
        self.views.append((view_id, modal))


@dataclass
class Shelf:
    """QuickBooks as it answers the re-read: with this due date, or not at all."""

    company: Company
    due_in: int | None = None
    failure: str | None = None

    async def refresh_record(
        self, business_id: UUID, entity: Entity, qbo_id: str, *, need: Need = Need.STRICT, actor: str
    ) -> LiveRead:
        if self.failure is not None:
            return LiveRead(Freshness.STALE, None, called=True, failure=self.failure)
        due = None if self.due_in is None else TODAY + timedelta(days=self.due_in)
        await self.company.put(bill(qbo_id, AMOUNTS[qbo_id], due))
        return LiveRead(Freshness.FRESH, self.company.clock.now(), called=True)

    async def refresh_balances(self, business_id: UUID, *, need: Need = Need.STRICT, actor: str) -> LiveRead:
        return LiveRead(Freshness.FRESH, self.company.clock.now(), called=True)


@dataclass
class Desk:
    company: Company
    stage: Stage
    slack: Replies
    shelf: Shelf
    known: list[Tools] = field(default_factory=list)

    @property
    def tools(self) -> Tools:
        """One key ring for the click and for the job."""
        if not self.known:
            self.known.append(replace(self.stage.tools(), messenger=self.slack, books=cast(Books, self.shelf)))
        return self.known[0]

    async def asks(self, action: str, person: str = MAYA, **facts: object) -> Message:
        commands, actions, _ = routes.collect()
        turn = Turn(self.tools, self.company.business, caller(person), source="test", **facts)  # type: ignore[arg-type]
        answer = await (commands.get(action) or actions[action])(turn)
        assert isinstance(answer, Message)
        return answer

    async def run(self, *kinds: str) -> None:
        """A second later, the work of these kinds in its order."""
        self.company.clock.advance(timedelta(seconds=1))
        for kind in kinds or ("RereadRecord", "RefreshDesk", "AnswerResolve"):
            async with self.company.db.tenant_session(self.company.business) as session:
                rows = select(OutboxRow.id).where(OutboxRow.kind == kind, OutboxRow.done_at.is_(None))
                (row,) = (await session.execute(rows)).scalars()
            assert await run_next(self.tools, only=row)

    async def run_all(self, kind: str) -> None:
        while kind in await self.stage.waiting():
            async with self.company.db.tenant_session(self.company.business) as session:
                due = select(OutboxRow.id).where(OutboxRow.kind == kind, OutboxRow.done_at.is_(None))
                rows = list((await session.execute(due.order_by(OutboxRow.created_at))).scalars())
            assert await run_next(self.tools, only=rows[0])


async def open_desk(db: Database, business: UUID, clock: FrozenClock) -> Desk:
    import_all()
    company = await Company(db, business, clock).open()
    await company.put(bill("146", 900, None), bill("147", 700, None))
    slack = Replies()
    return Desk(company, Stage(db, business, clock, slack), slack, Shelf(company))


async def planned(desk: Desk) -> PlanResult:
    """Eight bills that can be decided."""
    bills = {str(200 + step): 400 + 137 * step for step in range(1, 9)}
    await desk.company.put(*(bill(key, amount, TODAY + timedelta(days=9)) for key, amount in bills.items()))
    async with desk.company.db.tenant_session(desk.company.business) as session:
        plan = await DecisionConsoleDataOrchestrator(session, desk.company.clock).get_plan(caller(MAYA))
    assert isinstance(plan, PlanResult)
    return plan


async def accept(desk: Desk, plan: PlanResult, refs: Sequence[str]) -> str:
    _, _, forms = routes.collect()
    form, back = {"ticked0": tuple(refs)}, str(Ref("plan", plan.version))
    facts = {"form": form, "metadata": back, "response_url": URL, "view_id": "VPLAN"}
    turn = Turn(desk.tools, desk.company.business, caller(MAYA), Origin.MODAL, "test", **facts)  # type: ignore[arg-type]
    said = await forms[Form.PLAN](turn)
    assert isinstance(said, Message)
    return str(said.text)
