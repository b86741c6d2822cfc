"""One open company per test, or one for all tests of a module that leave it as they found it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from uuid import UUID

import pytest

from domains.people import Caller, Role
from kit.clock import FrozenClock
from kit.db import Database, TenantSession
from tests.conftest import NOW, new_business
from tests.integration.desk.company import ADA, AVA, MAYA, MEL, OMAR, TODAY, Company, bill, invoice

DUE = TODAY + timedelta(days=4)
DESK = (bill("145", 1_200, DUE), bill("146", 900, None), invoice("9", 3_000, TODAY - timedelta(days=40)))


@pytest.fixture
async def company(db: Database, business: UUID, clock: FrozenClock) -> Company:
    return await Company(db, business, clock).open()


async def open_company(db: Database, *, cash: int = 45_000) -> Company:
    """For the fixtures of a module: their business and clock outlive a test's."""
    return await Company(db, await new_business(db), FrozenClock(NOW)).open(cash=cash)


async def set_desk(db: Database) -> Company:
    """B-145 can be decided, B-146 has no due date, I-9 is late."""
    company = await open_company(db)
    await company.put(*DESK)
    return company


@pytest.fixture(scope="module")
async def still(db: Database) -> Company:
    """A desk for tests that change nothing, or throw away what they changed."""
    return await set_desk(db)


@pytest.fixture
async def session(company: Company) -> AsyncIterator[TenantSession]:
    """One unit of the company; committed at the end like any other."""
    async with company.db.tenant_session(company.business) as unit:
        yield unit


ROLES = {MAYA: Role.OWNER, OMAR: Role.OWNER, ADA: Role.ADMIN, MEL: Role.MEMBER, AVA: Role.ADVISOR}


def caller(person: str) -> Caller:
    return Caller(person, frozenset({ROLES[person]}))


def unit(company: Company) -> AbstractAsyncContextManager[TenantSession]:
    return company.db.tenant_session(company.business)
