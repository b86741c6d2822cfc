"""Before QuickBooks is connected: said once in each reply, one button for who can, nothing to post."""

from uuid import UUID

import pytest

from bot.replies import Origin
from bot.views.blocks import Home
from bot.views.home import draw_home
from bot.views.scene import Scene
from domains.people import Caller, list_roles
from kit.clock import FrozenClock
from kit.db import Database
from kit.errors import Refused
from orchestrators.home import HomeOrchestrator
from tests.integration.bot.hand import Hand, elements, message_of
from tests.integration.desk.company import AVA, MAYA, Company


@pytest.fixture
async def bare(db: Database, business: UUID, clock: FrozenClock) -> Company:
    company = Company(db, business, clock)
    await company.staff()
    return company


async def home_of(company: Company, person: str) -> Home:
    async with company.db.tenant_session(company.business) as session:
        caller = Caller(person, await list_roles(session, person))
        result = await HomeOrchestrator(session, company.clock).get_home(caller)
    return draw_home(result, Scene(company.clock.now(), "UTC"))


def words_of(drawn: object) -> str:
    return str(drawn).lower()


@pytest.mark.parametrize("words", ["", "forecast", "digest preview", "tray", "console", "console bills", "paylist"])
async def test_that_nothing_is_connected_is_said_once_in_each_reply(bare: Company, words: str) -> None:
    drawn = message_of(await Hand(bare, MAYA).types(words))
    for told in (drawn.text, drawn.payload()["blocks"]):
        assert words_of(told).count("not connected") == 1, told
        assert words_of(told).count("/runway connect") == 1, told


async def test_home_asks_once_whom_it_concerns_and_nobody_else(bare: Company) -> None:
    asked = await home_of(bare, MAYA)
    assert words_of(asked.payload()).count("not connected") == 1
    assert [one["text"]["text"] for one in elements(asked)].count("Connect QuickBooks") == 1
    told = await home_of(bare, AVA)
    assert words_of(told.payload()).count("not connected") == 1
    assert "Connect QuickBooks" not in str(elements(told))


@pytest.mark.parametrize("words", ["", "tray", "console", "paylist"])
async def test_connecting_is_offered_only_to_who_may(bare: Company, words: str) -> None:
    assert "Connect QuickBooks" in str(elements(message_of(await Hand(bare, MAYA).types(words))))
    assert "Connect QuickBooks" not in str(elements(message_of(await Hand(bare, AVA).types(words))))


async def test_a_digest_of_nothing_is_not_offered_for_posting(bare: Company) -> None:
    preview = message_of(await Hand(bare, MAYA).types("digest preview"))
    assert "Post it now" not in str(elements(preview))
    with pytest.raises(Refused, match="nothing to post yet"):
        await Hand(bare, MAYA).types("digest now")


async def test_home_leads_to_connecting(bare: Company) -> None:
    maya = Hand(bare, MAYA)
    reply = message_of(await maya.presses(await home_of(bare, MAYA), "Connect QuickBooks", Origin.HOME))
    assert any("url" in one for one in elements(reply))
