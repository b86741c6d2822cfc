"""`runway sync`: bring a business's mirror up to date, and watch."""

from uuid import UUID, uuid4

from sqlalchemy import select

from cli.businesses import get_named
from cli.following import PATIENCE_S, Ending, follow, say_not_taken
from cli.output import Tell, progress, say
from domains.audit import Entry, record
from domains.connections import find_connection
from domains.sync_history import Kind, RunState, SyncRunRow
from kit.db import TenantSession
from kit.errors import Refused
from kit.runtime import Runtime
from orchestrators.sync import OURS, order_sync


async def sync(runtime: Runtime, word: str, *, full: bool, patience: float = PATIENCE_S) -> bool:
    """Whether it succeeded. Raises `Refused` when there is nothing to sync from."""
    business = await get_named(runtime.db, word)
    async with runtime.db.tenant_session(business.id) as session:
        key = await _order(session, runtime, Kind.FULL if full else Kind.INCREMENTAL)
    with progress() as tell:

        async def look(session: TenantSession, row_id: UUID) -> None:
            _tell(tell, await _find_run(session, row_id))

        followed = await follow(runtime, business.id, key, look, patience=patience)
    if followed.ending is Ending.NOT_TAKEN:
        say_not_taken()
        return False
    async with runtime.db.tenant_session(business.id) as session:
        return _report(await _find_run(session, followed.row_id))


async def _order(session: TenantSession, runtime: Runtime, kind: Kind) -> str:
    linked = await find_connection(session)
    if linked is None or not linked.live:
        raise Refused("QuickBooks is not connected for this business: somebody types `/runway connect` in Slack.")
    asked = f"operator:{uuid4()}"
    await order_sync(session, kind, actor=OURS, key=asked)
    entry = Entry(actor=OURS, action="sync.ordered", object_type="sync", object_id=kind, source="command line")
    await record(session, entry, clock=runtime.clock)
    return f"sync:{asked}"


async def _find_run(session: TenantSession, row_id: UUID) -> SyncRunRow | None:
    statement = select(SyncRunRow).where(SyncRunRow.job_key == str(row_id))
    return (await session.execute(statement)).scalar_one_or_none()


def _tell(tell: Tell, run: SyncRunRow | None) -> None:
    if run is None:
        return tell("Waiting for a worker …", None)
    waiting = f" ({run.reason})" if run.state == RunState.WAITING and run.reason else ""
    share = min(1.0, run.done / run.expected) if run.expected else None
    return tell(f"{run.kind}: {run.phase}{waiting}", share)


def _report(run: SyncRunRow | None) -> bool:
    if run is None or run.state != RunState.SUCCEEDED or run.finished_at is None:
        reason = run.reason if run and run.reason else "see the log of the worker"
        quoted = f" (reference {run.reference})" if run and run.reference else ""
        say(f"The sync failed: {reason}{quoted}", "red")
        return False
    seconds = (run.finished_at - run.started_at).total_seconds()
    changes = f"{run.changed:,} records changed, {run.deleted:,} deleted, {run.quarantined:,} could not be read"
    say(f"Synced in {seconds:.1f} s with {run.requests:,} requests: {changes}.")
    return True
