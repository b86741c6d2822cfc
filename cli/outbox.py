"""`runway outbox`: what waits, what runs, what was given up, and how to try that again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cli.output import say, say_json, say_table
from kit import outbox
from kit.errors import Misconfigured, Refused
from kit.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that is not done. `state`: due, later, running or dead."""

    id: UUID
    business_id: UUID
    kind: str
    state: str
    attempts: int
    created_at: datetime
    not_before: datetime
    last_error: str | None


async def show(runtime: Runtime, *, dead: bool, limit: int, as_json: bool) -> None:
    async with runtime.db.system_session() as session:
        now = await outbox.database_now(session)
        rows = [_waiting(row, now) for row in await outbox.list_unfinished(session, dead=dead, limit=limit)]
    if as_json:
        say_json(rows)
    elif not rows:
        say("Nothing was given up." if dead else "Nothing waits.")
    else:
        say_table(COLUMNS, [_line(row) for row in rows])


async def retry(runtime: Runtime, ids: list[str], *, every: bool) -> None:
    """Raises `Refused` for an id that names nothing that was given up; the others before it are tried again."""
    if bool(ids) == every:
        raise Misconfigured("name the ids of what to try again, or say --all")
    async with runtime.db.system_session() as session:
        known = {row.id for row in await outbox.list_unfinished(session, dead=True, limit=10_000)}
        wanted = known if every else {_uuid(word) for word in ids}
        if missing := wanted - known:
            raise Refused(f"{min(map(str, missing))} was not given up: `runway outbox list --dead` shows what was.")
        for row_id in wanted:
            await outbox.revive(session, row_id)
    say(f"{len(wanted)} will be tried again.")


def _uuid(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        raise Refused(f"{word!r} is not an id: `runway outbox list --dead` shows them.") from None


def _waiting(row: outbox.OutboxRow, now: datetime) -> Waiting:
    return Waiting(
        row.id,
        row.business_id,
        row.kind,
        _state(row, now),
        row.attempts,
        row.created_at,
        row.not_before,
        row.last_error,
    )


def _state(row: outbox.OutboxRow, now: datetime) -> str:
    if row.dead_at is not None:
        return "dead"
    if row.lease_until is not None and row.lease_until > now:
        return "running"
    return "due" if row.not_before <= now else "later"


COLUMNS = ("id", "business", "kind", "state", "attempts", "since", "error")


def _line(row: Waiting) -> tuple[str, ...]:
    since = f"{row.created_at:%Y-%m-%d %H:%M}"
    return (str(row.id), str(row.business_id), row.kind, row.state, str(row.attempts), since, row.last_error or "")
