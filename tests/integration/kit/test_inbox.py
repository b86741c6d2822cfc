"""A delivery counts once, however often and from however many sides it comes."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from kit import inbox
from kit.db import Database


async def arrives(db: Database, business: UUID, key: str = "Ev1", source: str = "slack") -> bool:
    async with db.tenant_session(business) as session:
        return await inbox.receive(session, source, key)


async def test_a_repeat_is_known(db: Database, business: UUID) -> None:
    assert [await arrives(db, business) for _ in range(3)] == [True, False, False]


async def test_of_racing_deliveries_one_is_the_first(db: Database, business: UUID) -> None:
    assert sorted(await asyncio.gather(*(arrives(db, business) for _ in range(8)))) == [False] * 7 + [True]


async def test_keys_belong_to_their_source_and_business(db: Database, business: UUID, other_business: UUID) -> None:
    assert await arrives(db, business)
    assert await arrives(db, business, source="intuit")
    assert await arrives(db, other_business)


async def test_a_delivery_that_was_not_dealt_with_may_come_again(db: Database, business: UUID) -> None:
    with pytest.raises(RuntimeError, match="power cut"):
        async with db.tenant_session(business) as session:
            assert await inbox.receive(session, "slack", "Ev1")
            raise RuntimeError("power cut")
    assert await arrives(db, business)


async def test_only_what_no_vendor_repeats_any_more_is_forgotten(db: Database, business: UUID) -> None:
    await arrives(db, business, "old")
    await arrives(db, business, "new")
    async with db.tenant_session(business) as session:
        old = "UPDATE inbox SET received_at = now() - interval '8 days' WHERE external_key = 'old'"
        await session.execute(text(old))
    async with db.system_session() as session:
        assert await inbox.purge(session) == 1
    assert await arrives(db, business, "old")
    assert not await arrives(db, business, "new")
