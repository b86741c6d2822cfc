"""The desk's company with something to decide and something to fix, and the hands of its people."""

from datetime import timedelta
from uuid import UUID

import pytest

from kit.clock import FrozenClock
from kit.db import Database
from tests.integration.bot.hand import Hand
from tests.integration.desk.company import AVA, MAYA, MEL, OMAR, TODAY, Company, bill, invoice


@pytest.fixture
async def company(db: Database, business: UUID, clock: FrozenClock) -> Company:
    opened = await Company(db, business, clock).open()
    due = TODAY + timedelta(days=4)
    await opened.put(
        bill("145", 1_200, due),
        bill("146", 900, due),
        bill("147", 700, None),
        bill("150", 20_000, due, vendor="57"),
        invoice("9", 3_000, TODAY - timedelta(days=40)),
    )
    return opened


@pytest.fixture
def maya(company: Company) -> Hand:
    return Hand(company, MAYA)


@pytest.fixture
def omar(company: Company) -> Hand:
    return Hand(company, OMAR)


@pytest.fixture
def ava(company: Company) -> Hand:
    return Hand(company, AVA)


@pytest.fixture
def mel(company: Company) -> Hand:
    return Hand(company, MEL)
