"""When a person's patience ends while what they sent is being saved, nothing is said that is not known."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from slack_bolt.request.async_request import AsyncBoltRequest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.app import LAST_WORD_S, SlackApp
from bot.messenger import Messenger
from bot.messenger.answers import SlackPerson
from bot.messenger.errors import AppRemoved
from bot.payloads import with_return
from bot.tools import Tools
from bot.views.blocks import Message, Modal
from domains.businesses import WorkspaceRow
from kit.config import Settings
from kit.db import Database, new_engine
from kit.errors import FaultDetail
from tests.faults.slow import Held, Slow, slowed
from tests.integration.bot.hand import Hand, initial, modal_of, tools_of
from tests.integration.desk.company import MAYA, Company
from tests.waiting import until


class Slack(Messenger):
    """Remembers what was said through response_urls."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def respond(self, url: str, message: Message, *, replace: bool) -> bool:
        self.told.append(message.text)
        return True


class LockedOut(Slack):
    """Slack took the key away; whoever was not seen for a day is asked about and stays unknown."""

    async def person(self, business: UUID, slack_user: str) -> SlackPerson:
        raise AppRemoved(slack_user, FaultDetail("slack", "invalid_refresh_token"))


@dataclass
class Desk:
    """A company whose bot reaches the database by a way that can hold one question; patience ends when told."""

    company: Company
    way: Slow
    db: Database
    team: str
    slack: Slack = field(default_factory=Slack)
    impatient: asyncio.Event = field(default_factory=asyncio.Event)
    last_word: asyncio.Event = field(default_factory=asyncio.Event)

    async def sends(self, modal: Modal) -> str:
        """The form as it stands; returns what Slack is told to show in its place."""
        runtime = replace(tools_of(self.company).runtime, db=self.db, settings=_settings())
        app = SlackApp(Tools(runtime, self.slack, tools_of(self.company).books), sleep=self._sleep)
        values = {block: {"x": {"value": value}} for block, value in initial(modal).items()}
        metadata = with_return(modal, "http://hook").metadata
        view = {
            "id": "V1",
            "type": "modal",
            "callback_id": modal.callback_id,
            "private_metadata": metadata,
            "state": {"values": values},
        }
        person = {"id": MAYA, "team_id": self.team}
        body = {"type": "view_submission", "team": {"id": self.team}, "user": person, "view": view}
        answer = await app.bolt.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        return json.dumps(answer.body, ensure_ascii=False)

    async def _sleep(self, seconds: float) -> None:
        await (self.last_word if seconds == LAST_WORD_S else self.impatient).wait()

    async def decided(self) -> list[str]:
        async with self.company.db.tenant_session(self.company.business) as session:
            return list((await session.execute(text("SELECT phase FROM decisions WHERE bill_id = '145'"))).scalars())


def _settings() -> Settings:
    return Settings(slack_signing_secret=SecretStr("secret"))


@pytest.fixture
async def desk(company: Company, database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    team = f"T{uuid4().hex[:10]}"
    async with company.db.tenant_session(company.business) as session:
        names = dict.fromkeys(("team_name", "app_id", "bot_id", "bot_user_id", "installed_by"), "x")
        at = company.clock.now()
        session.add(WorkspaceRow(enterprise_id="", team_id=team, scopes="", installed_at=at, dead=False, **names))
    async with slowed(database_url, tmp_path, 0) as way:
        db = Database(new_engine(way.url))
        yield Desk(company, way, db, team)
        await db.close()


@pytest.fixture
async def form(maya: Hand) -> Modal:
    return modal_of(await maya.types("hold B-145"))


async def _writing(desk: Desk, form: Modal) -> tuple[asyncio.Task[str], Held]:
    held = desk.way.held = Held(b"INSERT INTO decisions")
    sending = asyncio.create_task(desk.sends(form))
    await _reached(held, sending)
    return sending, held


async def _reached(held: Held, sending: asyncio.Task[str]) -> None:
    """Or the answer came without that question, which is wrong."""
    reached = asyncio.create_task(held.reached.wait())
    either: set[asyncio.Task[Any]] = {reached, sending}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    assert not sending.done(), sending.result()


async def _saving(desk: Desk, form: Modal) -> tuple[asyncio.Task[str], Held]:
    """Under way until its COMMIT, which is held, and then the person's patience ends."""
    sending, writing = await _writing(desk, form)
    commit = desk.way.held = Held(b"COMMIT")
    writing.released.set()
    await _reached(commit, sending)
    desk.impatient.set()
    return sending, commit


async def test_whom_slack_keeps_out_is_told_to_install_runway_again(desk: Desk, form: Modal) -> None:
    desk.slack = LockedOut()
    desk.company.clock.advance(timedelta(hours=25))
    assert "/slack/install|Install Runway> again" in await desk.sends(form)
    assert await desk.decided() == []


async def test_what_was_just_being_saved_is_told_as_it_ended(desk: Desk, form: Modal) -> None:
    sending, held = await _saving(desk, form)
    held.released.set()
    await sending
    assert await desk.decided() == ["held"]
    assert "Held by" in desk.slack.told[0]


async def test_while_it_is_not_known_whether_it_was_saved_nobody_says_so_and_then_it_is_told(
    desk: Desk, form: Modal
) -> None:
    sending, held = await _saving(desk, form)
    desk.last_word.set()
    said = await sending
    assert "I cannot say yet whether it was" in said
    assert "nothing was" not in said
    held.released.set()
    await until(lambda: desk.slack.told)
    assert await desk.decided() == ["held"]
    assert "Held by" in desk.slack.told[0]


async def test_a_database_that_leaves_while_it_saves_leaves_a_doubt(desk: Desk, form: Modal) -> None:
    sending, held = await _saving(desk, form)
    with capture_logs() as logs:
        desk.way.cut()
        held.released.set()
        said = await sending
    [reference] = [one["reference"] for one in logs if one["event"] == "request.failed"]
    assert "so I cannot say whether it was" in said
    assert f"quote `{reference}`" in said
    assert "nothing was" not in said


async def test_what_was_not_yet_being_saved_is_stopped_and_surely_undone(desk: Desk, form: Modal) -> None:
    sending, held = await _writing(desk, form)
    desk.impatient.set()
    desk.last_word.set()
    assert "nothing was decided" in await sending
    held.released.set()
    assert await desk.decided() == []
