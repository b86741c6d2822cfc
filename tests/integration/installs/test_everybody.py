"""Once a night Slack is asked who its people are, also where one installation serves a whole organisation."""

from dataclasses import replace
from uuid import UUID, uuid4

from bot.messenger.answers import SlackPerson
from bot.messenger.errors import ChannelClosed
from domains.people import find_person, remember_person
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from kit.errors import FaultDetail
from kit.outbox import enqueue
from orchestrators.installs import MeetEverybody, install
from tests.installs import granted
from tests.integration.digest.stage import FakeMessenger, Stage
from workers import people, welcome

HANDLED_BY = (people, welcome)  # importing them registers what they do
GRID = f"E{uuid4().hex[:8].upper()}"
ORG_WIDE = granted(enterprise_id=GRID, team_id="", team_name="Grid Co", bot_id="", installed_by="W1")


class Slack(FakeMessenger):
    """Has never heard of W2."""

    async def person(self, business: UUID, slack_user: str) -> SlackPerson:
        if slack_user == "W2":
            raise ChannelClosed("users.info: user_not_found", FaultDetail("slack", "user_not_found"))
        return await super().person(business, slack_user)


async def test_somebody_whom_slack_does_not_know_any_more_keeps_nobody_else_from_being_met(
    db: Database, clock: FrozenClock
) -> None:
    business = await install(db, Keyring({"test": bytes(32)}), clock, replace(ORG_WIDE, enterprise_id=f"{GRID}2"))
    async with db.tenant_session(business) as session:
        for one in ("W2", "W3"):
            await remember_person(session, one, name="Of yesterday", zone="UTC", refused_as=None, seen_at=clock.now())
        await enqueue(session, MeetEverybody(), key="people:today")
    stage = Stage(db, business, clock, Slack())
    await stage.run()
    assert await stage.dead() == []
    async with db.tenant_session(business) as session:
        met, lost = await find_person(session, "W3"), await find_person(session, "W2")
    assert met is not None
    assert met.name == "W3"
    assert lost is not None
    assert lost.name == "Of yesterday"


async def test_an_organisations_people_are_asked_for_one_by_one(db: Database, clock: FrozenClock) -> None:
    business = await install(db, Keyring({"test": bytes(32)}), clock, ORG_WIDE)
    async with db.tenant_session(business) as session:
        await remember_person(session, "W2", name="Of yesterday", zone="UTC", refused_as=None, seen_at=clock.now())
        await enqueue(session, MeetEverybody(), key="people:today")
    await Stage(db, business, clock).run()
    async with db.tenant_session(business) as session:
        person = await find_person(session, "W2")
    assert person is not None
    assert person.name == "W2"
