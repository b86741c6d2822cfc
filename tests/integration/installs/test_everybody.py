"""Once a night Slack is asked who its people are, also where one installation serves a whole organisation."""

from uuid import uuid4

from domains.people import find_person, remember_person
from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from kit.outbox import enqueue
from orchestrators.installs import Install, MeetEverybody, install
from tests.integration.digest.stage import Stage
from workers import people, welcome

HANDLED_BY = (people, welcome)  # importing them registers what they do
GRID = f"E{uuid4().hex[:8].upper()}"
ORG_WIDE = Install(
    enterprise_id=GRID,
    team_id="",
    team_name="Grid Co",
    app_id="A1",
    bot_id="",
    bot_user_id="UB",
    scopes="commands",
    token="xoxb-1",
    refresh_token=None,
    expires_in=None,
    installed_by="W1",
)


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
