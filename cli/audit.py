"""`runway audit`: is the history what it was, and all of it for whoever reviews it."""

import json

from sqlalchemy import func, select

from cli.businesses import get_named
from cli.output import note, print_line, say
from domains.audit import AuditRow, verify_chain
from domains.businesses import Business, list_businesses
from kit.db import TenantSession
from kit.errors import Misconfigured
from kit.runtime import Runtime

SHORTEST_ANCHOR = 8


async def verify(runtime: Runtime, word: str | None, anchor: str | None) -> bool:
    """Of one business or of all. An anchor is a hash as a digest printed it: it also shows a cut-off end."""
    if anchor is not None:
        _check_anchor(word, anchor)
    intact = True
    for business in [await get_named(runtime.db, word)] if word else await _all(runtime):
        async with runtime.db.tenant_session(business.id) as session:
            trouble = await _trouble(session, anchor)
            head = await _head(session)
        say(f"{business.id}: {trouble or _described(head)}", "red" if trouble else "")
        intact = intact and trouble is None
    return intact


async def export(runtime: Runtime, word: str) -> None:
    """One JSON object per line, oldest first; `sha256(prev + body)` is `hash`, so that anybody can check the chain."""
    business = await get_named(runtime.db, word)
    count = 0
    async with runtime.db.tenant_session(business.id) as session:
        async for row in await session.stream_scalars(select(AuditRow).order_by(AuditRow.seq)):
            sealed = {"prev": row.prev.hex(), "hash": row.hash.hex(), "body": row.body}
            print_line(json.dumps(json.loads(row.body) | sealed, ensure_ascii=False))
            count += 1
    note(f"{count} entries.")


async def _all(runtime: Runtime) -> list[Business]:
    async with runtime.db.system_session() as session:
        return await list_businesses(session)


async def _trouble(session: TenantSession, anchor: str | None) -> str | None:
    broken = await verify_chain(session)
    if broken is not None:
        return f"entry {broken} does not fit the one before it: it, or what stood before it, was changed"
    if anchor is None:
        return None
    known = select(AuditRow.seq).where(func.encode(AuditRow.hash, "hex").startswith(anchor, autoescape=True))
    found = (await session.execute(known)).first() is not None
    return None if found else "no entry has the anchor's hash: the end of the log was cut off, or all of it rewritten"


async def _head(session: TenantSession) -> AuditRow | None:
    statement = select(AuditRow).order_by(AuditRow.seq.desc()).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()


def _described(head: AuditRow | None) -> str:
    if head is None:
        return "nothing was recorded yet"
    return f"{head.seq} entries, intact; the last is {head.hash.hex()[:16]} of {head.at:%Y-%m-%d %H:%M} UTC"


def _check_anchor(word: str | None, anchor: str) -> None:
    if word is None:
        raise Misconfigured("an anchor belongs to one business: name it")
    if len(anchor) < SHORTEST_ANCHOR or not set(anchor) <= set("0123456789abcdef"):
        raise Misconfigured(
            f"{anchor!r} is not an anchor: write {SHORTEST_ANCHOR} or more hexadecimal digits of a hash"
        )
