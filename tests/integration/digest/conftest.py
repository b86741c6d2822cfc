"""A company with books and people, and the worker that speaks to Slack for it."""

import pytest

from domains.policy import DigestSettings, Policy, get_policy, save_policy
from kit.clock import FrozenClock
from kit.db import Database
from tests.integration.desk.company import MAYA, Company
from tests.integration.digest.stage import Stage

CHANNEL = "C0FINANCE"


@pytest.fixture
async def company(db: Database, business: object, clock: FrozenClock) -> Company:
    return await Company(db, business, clock).open()  # type: ignore[arg-type]


@pytest.fixture
def stage(company: Company) -> Stage:
    return Stage(company.db, company.business, company.clock)


async def configure(company: Company, digest: DigestSettings, **rules: object) -> None:
    """The digest as an owner set it up."""
    async with company.db.tenant_session(company.business) as session:
        seen = (await get_policy(session)).version
        policy = Policy(digest=digest, **rules)  # type: ignore[arg-type]
        await save_policy(session, policy, seen=seen, by=MAYA, source="modal", clock=company.clock)


MONDAY_AT_NINE = DigestSettings(weekday=1, hour=9, zone="America/Los_Angeles", channel=CHANNEL, amounts_in_channel=True)
