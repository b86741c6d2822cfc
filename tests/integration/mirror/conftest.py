"""A business connected to the demo company of the stand-in, its clock standing still."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from kit.clock import FrozenClock
from kit.crypto import Keyring
from kit.db import Database
from sandbox.books.demo import DEMO
from tests.integration.mirror.stage import Stage, staged
from tests.raised import company_of

REALM = "9130000000000001"


@pytest.fixture
async def stage(db: Database, keyring: Keyring, clock: FrozenClock, business: UUID) -> AsyncIterator[Stage]:
    """Connected, nothing read yet."""
    company = company_of(DEMO.key, today=clock.now().date(), realm=REALM)
    async with staged(db, keyring, clock, (company,)) as made:
        await made.connect(business, REALM)
        yield made
