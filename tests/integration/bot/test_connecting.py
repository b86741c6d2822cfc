"""The way to Intuit and back in one browser: a link is made whole, by whom it was asked for, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, text
from starlette.applications import Starlette

from bot import qbo_routes
from bot.http import guarded
from bot.messenger import Messenger
from bot.tools import Tools
from domains.audit import list_entries
from domains.books import Books
from domains.connections import ConnectionRow, ConnectionStatus
from domains.mirror import RecordRow
from domains.people import set_roles
from domains.sync_history import Kind
from domains.vendor_tiers import VendorTier, list_tiers, set_tier
from kit.clock import FrozenClock
from kit.config import Settings
from kit.crypto import Keyring
from kit.db import Database
from kit.limits import new_redis
from kit.metrics import Metrics
from kit.runtime import Runtime
from orchestrators.connection import ConnectionOrchestrator, disconnect
from sandbox.qbo.mischief import Plan, Trouble
from tests.integration.desk.company import ADA, Company
from tests.integration.desk.conftest import caller
from tests.integration.mirror.stage import ORIGIN, REDIRECT, Line, Stage, staged
from tests.raised import company_of

FIRST, SECOND = "9130000000000031", "9130000000000032"


@dataclass
class Browser:
    """One person's, with its cookies; both ends of the way are reached through it."""

    stage: Stage
    business: UUID
    client: httpx.AsyncClient = field(init=False)
    intuit: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        runtime = Runtime(
            Settings(),
            self.stage.db,
            new_redis("redis://127.0.0.1:1"),  # never asked: nothing here is paced
            self.stage.clock,
            self.stage.keyring,
            Metrics(),
        )
        tools = Tools(runtime, cast(Messenger, None), Books(self.stage.service))
        bot = Line(app=Starlette(routes=qbo_routes.routes(tools, guarded)))
        self.client = httpx.AsyncClient(transport=bot, base_url="http://127.0.0.1:8000")
        self.intuit = httpx.AsyncClient(transport=self.stage.line, base_url=ORIGIN)

    async def invited(self, *, switch: bool = False) -> str:
        async with self.stage.db.tenant_session(self.business) as session:
            invite = await ConnectionOrchestrator(session, self.stage.clock).invite(caller(ADA), switch=switch)
        return invite.ticket

    async def opens(self, ticket: str) -> httpx.Response:
        return await self.client.get("/qbo/connect", params={"ticket": ticket})

    async def decides(self, sent: httpx.Response, realm: str, decision: str = "connect") -> str:
        """Intuit's page filled in; where it leads back to."""
        assert sent.status_code == 302, sent.text
        asked = dict(parse_qsl(urlsplit(sent.headers["location"]).query))
        form = {**asked, "realm": realm, "decision": decision}
        back = (await self.intuit.post("/connect/oauth2", data=form)).headers["location"]
        assert back.startswith(REDIRECT)
        return str(back)

    async def connects(self, realm: str, *, switch: bool = False, decision: str = "connect") -> httpx.Response:
        sent = await self.opens(await self.invited(switch=switch))
        return await self.client.get(await self.decides(sent, realm, decision))


@pytest.fixture
async def browser(db: Database, keyring: Keyring, clock: FrozenClock, business: UUID) -> AsyncIterator[Browser]:
    today = clock.now().date()
    companies = tuple(
        company_of("soloist", seed=seed, today=today, realm=realm) for seed, realm in ((1, FIRST), (2, SECOND))
    )
    await Company(db, business, clock).staff()
    async with staged(db, keyring, clock, companies) as stage:
        stage.realms[business] = FIRST
        made = Browser(stage, business)
        async with made.client, made.intuit:
            yield made


async def linked(browser: Browser) -> tuple[str, str] | None:
    async with browser.stage.db.tenant_session(browser.business) as session:
        row = (await session.execute(select(ConnectionRow.realm_id, ConnectionRow.status))).one_or_none()
        return (row[0], row[1]) if row else None


async def count(browser: Browser, question: str) -> int:
    async with browser.stage.db.tenant_session(browser.business) as session:
        return int((await session.execute(text(question))).scalar_one())


FULL_SYNCS = "SELECT count(*) FROM outbox WHERE kind LIKE 'SyncBooks%' AND payload->>'kind' = 'full'"
AUDITED = "SELECT count(*) FROM audit_log WHERE action = 'books.connected'"


async def test_who_consents_is_connected_and_the_first_sync_is_ordered_with_it(browser: Browser) -> None:
    answer = await browser.connects(FIRST)
    assert answer.status_code == 200
    assert "QuickBooks is connected" in answer.text
    assert await linked(browser) == (FIRST, ConnectionStatus.CONNECTED)
    assert [await count(browser, one) for one in (FULL_SYNCS, AUDITED)] == [1, 1]
    changed = await browser.stage.sync(browser.business, Kind.FULL)
    assert (await browser.stage.last_run(browser.business)).state == "succeeded", changed


async def test_a_no_at_intuit_connects_nothing_and_spends_the_way_back(browser: Browser) -> None:
    sent = await browser.opens(await browser.invited())
    consented = await browser.decides(sent, FIRST)
    answer = await browser.client.get(await browser.decides(sent, FIRST, "cancel"))
    assert "You said no at QuickBooks, so nothing was connected." in answer.text
    late = await browser.client.get(consented)
    assert late.status_code == 400
    assert await linked(browser) is None
    assert await count(browser, FULL_SYNCS) == 0


async def test_a_way_back_leads_there_once(browser: Browser) -> None:
    back = await browser.decides(await browser.opens(await browser.invited()), FIRST)
    first, again = [await browser.client.get(back) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert "QuickBooks was connected here" in again.text, "a reload tells of what was done, and does nothing"
    browser.client.cookies.clear()
    elsewhere = await browser.client.get(back)
    assert (elsewhere.status_code, "Nothing was changed." in elsewhere.text) == (400, True)
    assert await count(browser, AUDITED) == 1


async def test_a_ticket_opens_the_way_once(browser: Browser) -> None:
    ticket = await browser.invited()
    assert [(await browser.opens(ticket)).status_code for _ in range(2)] == [302, 400]


async def test_another_browser_cannot_finish_what_this_one_began(browser: Browser) -> None:
    back = await browser.decides(await browser.opens(await browser.invited()), FIRST)
    browser.client.cookies.clear()
    answer = await browser.client.get(back)
    assert answer.status_code == 400
    assert "was opened in another browser" in answer.text
    assert await linked(browser) is None


@pytest.mark.parametrize("realm", ["", "12x", "../9130000000000031"])
async def test_a_company_that_is_no_number_connects_nothing(browser: Browser, realm: str) -> None:
    back = httpx.URL(await browser.decides(await browser.opens(await browser.invited()), FIRST))
    answer = await browser.client.get(back.copy_set_param("realmId", realm))
    assert answer.status_code == 400
    assert await linked(browser) is None


async def test_a_company_that_consented_to_nothing_is_not_kept_from_its_own_workspace(browser: Browser) -> None:
    back = httpx.URL(await browser.decides(await browser.opens(await browser.invited()), FIRST))
    answer = await browser.client.get(back.copy_set_param("realmId", SECOND))
    assert answer.status_code == 400
    assert "does not let Runway into the company it named" in answer.text
    assert await linked(browser) is None


async def test_asking_for_the_company_is_on_the_months_bill(browser: Browser) -> None:
    await browser.connects(FIRST)
    assert await count(browser, "SELECT reads FROM read_meter") == 1


async def test_a_quickbooks_in_trouble_keeps_nobody_from_connecting(browser: Browser) -> None:
    back = await browser.decides(await browser.opens(await browser.invited()), FIRST)
    browser.stage.sandbox.mischief.plans.append(Plan(Trouble.UNAVAILABLE, times=9))
    assert (await browser.client.get(back)).status_code == 200
    assert await linked(browser) == (FIRST, ConnectionStatus.CONNECTED)


async def test_another_company_is_refused_unless_it_was_asked_for(browser: Browser) -> None:
    await browser.connects(FIRST)
    answer = await browser.connects(SECOND)
    assert answer.status_code == 400
    assert "This workspace shows the books of another QuickBooks company." in answer.text
    assert await linked(browser) == (FIRST, ConnectionStatus.CONNECTED)
    assert await count(browser, FULL_SYNCS) == 1


async def test_a_switch_that_was_asked_for_replaces_the_books(browser: Browser) -> None:
    await browser.connects(FIRST)
    await browser.stage.sync(browser.business, Kind.FULL)
    async with browser.stage.db.tenant_session(browser.business) as session:
        await set_tier(session, "56", VendorTier.MUST_PAY, by=ADA, source="menu", clock=browser.stage.clock)
    assert (await browser.connects(SECOND, switch=True)).status_code == 200
    browser.stage.realms[browser.business] = SECOND
    assert await linked(browser) == (SECOND, ConnectionStatus.CONNECTED)
    async with browser.stage.db.tenant_session(browser.business) as session:
        assert (await session.execute(select(func.count()).select_from(RecordRow))).scalar_one() == 0
        assert await list_tiers(session) == {}
    assert await count(browser, FULL_SYNCS) == 2


async def test_a_company_of_another_workspace_stays_with_it(browser: Browser, other_business: UUID) -> None:
    await browser.stage.connect(other_business, FIRST)
    answer = await browser.connects(FIRST)
    assert answer.status_code == 400
    assert "already connected to another Slack workspace" in answer.text
    assert await linked(browser) is None


async def test_who_lost_the_right_on_the_way_connects_nothing(browser: Browser) -> None:
    back = await browser.decides(await browser.opens(await browser.invited()), FIRST)
    async with browser.stage.db.tenant_session(browser.business) as session:
        await set_roles(session, ADA, (), by="slack")
    assert (await browser.client.get(back)).status_code == 400
    assert await linked(browser) is None


async def test_a_silent_intuit_connects_nothing_and_says_so(browser: Browser) -> None:
    back = await browser.decides(await browser.opens(await browser.invited()), FIRST)
    browser.stage.sandbox.tokens.drop_next_response = True
    answer = await browser.client.get(back)
    assert answer.status_code == 503
    assert "QuickBooks did not answer. Nothing was connected." in answer.text
    assert await linked(browser) is None


class Silent:
    """An Intuit that takes the request and never answers."""

    async def revoke(self, business_id: UUID) -> None:
        await asyncio.Event().wait()


async def test_an_intuit_that_does_not_answer_keeps_nobody_from_disconnecting(browser: Browser) -> None:
    await browser.connects(FIRST)
    books, stage = cast(Books, Silent()), browser.stage
    person = caller(ADA)
    revoked = await disconnect(stage.db, stage.clock, books, browser.business, person, source="click", patience=0.01)
    assert not revoked
    assert await linked(browser) == (FIRST, ConnectionStatus.DISCONNECTED)
    async with stage.db.tenant_session(browser.business) as session:
        (entry,) = [one for one in await list_entries(session) if one.action == "books.disconnected"]
    assert entry.after == {"revoked_at_intuit": False}
