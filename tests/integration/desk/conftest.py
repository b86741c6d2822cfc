"""One open company per test, or one for all tests of a module that leave it as they found it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import pytest

from domains.people import Caller, Role
from kit.clock import FrozenClock
from kit.db import Database, TenantSession
from tests.conftest import NOW, new_business
from tests.integration.desk.company import ADA, AVA, MAYA, MEL, OMAR, Company


@pytest.fixture
async def company(db: Database, business: UUID, clock: FrozenClock) -> Company:
    return await Company(db, business, clock).open()


async def open_company(db: Database, *, cash: int = 45_000) -> Company:
    """For the fixtures of a module: their business and clock outlive a test's."""
    return await Company(db, await new_business(db), FrozenClock(NOW)).open(cash=cash)


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
