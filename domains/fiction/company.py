"""Puts the made-up bakery into the mirror, once, under a business of its own that no workspace is bound to."""

import json
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Raw
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from domains.businesses import FICTION, BusinessRow
from domains.connections import ConnectionRow, ConnectionStatus
from domains.fiction.books import NAME, NOW, ZONE, documents
from domains.freshness import MEMBERS
from domains.mirror import Entity
from domains.policy import DigestSettings, Policy, PolicyRow
from domains.qbo.mapping import Row, read_row
from domains.qbo.storage import Origin, store
from domains.sync_history import CursorRow, Kind
from kit.db import Database, TenantSession

FLOOR: Final = Decimal(8_000)


async def ensure_company(db: Database) -> bool:
    """Whether this call wrote it. One of several at once writes; the books come whole or not at all."""
    async with db.system_session() as session:
        facts = {"business_id": FICTION, "name": NAME, "zone": ZONE, "currency": "USD"}
        await session.execute(insert(BusinessRow).values(**facts).on_conflict_do_nothing())
    async with db.tenant_session(FICTION) as session:
        await session.execute(select(BusinessRow).with_for_update())
        if await _is_written(session):
            return False
        await _write_books(session)
        await _write_settings(session)
    return True


async def _is_written(session: TenantSession) -> bool:
    return bool((await session.execute(select(func.count()).select_from(CursorRow))).scalar_one())


async def _write_books(session: TenantSession) -> None:
    origin = Origin(Kind.FULL, "runway", None, NOW)
    rows = [_row(entity, body) for entity, body in documents()]
    for entity in dict.fromkeys(row.entity for row in rows):
        await store(session, [row for row in rows if row.entity is entity], NOW, origin)
    session.add_all(
        CursorRow(entity=member, last_synced=NOW) for member in {one for group in MEMBERS.values() for one in group}
    )
    await session.flush()


async def _write_settings(session: TenantSession) -> None:
    """The link is an ended one: nobody will ever try to read these books from QuickBooks."""
    session.add(
        ConnectionRow(
            realm_id="fiction",
            status=ConnectionStatus.DISCONNECTED,
            connected_by="runway",
            connected_at=NOW,
            ended_at=NOW,
        )
    )
    policy = Policy(floor_cash=FLOOR, digest=DigestSettings(zone=ZONE, enabled=False))
    body = msgspec.to_builtins(policy, str_keys=True)
    session.add(PolicyRow(version=1, body=body, changed_by="runway", changed_at=NOW))
    await session.flush()


def _row(entity: Entity, body: dict[str, object]) -> Row:
    told = {**body, "SyncToken": "0", "MetaData": {"LastUpdatedTime": NOW.isoformat()}}
    row = read_row(entity, Raw(json.dumps(told).encode()))
    if not isinstance(row, Row):
        raise TypeError(f"{entity} {body['Id']} does not read")
    return row
