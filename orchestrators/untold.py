"""What Slack refused to take: it is told in the message of the first day on which it lets us in again."""

from collections import defaultdict
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from domains.messages import MessageRow
from domains.people import find_person
from kit.clock import Clock, local_today
from kit.db import TenantSession
from orchestrators.notices import NOT_AGAIN_FOR, NoticeRow, order_telling

ALERTS = "alerts"
KEPT = timedelta(days=31)


async def carry_over(session: TenantSession, clock: Clock) -> None:
    """Move the lines of messages that were refused on days before to today's, for as long as Slack refuses."""
    for slack_user, days in (await _untaken(session)).items():
        person = await find_person(session, slack_user)
        if person is None or person.refused_as is not None:
            continue
        today = local_today(clock, ZoneInfo(person.zone))
        late = [day for day in days if today - NOT_AGAIN_FOR < day < today]
        if late and await _move(session, slack_user, late, today):
            await order_telling(session, slack_user, today)


async def _untaken(session: TenantSession) -> dict[str, set[date]]:
    """Days whose alerts Slack surely never took: a message that it may have taken has a channel."""
    other = aliased(MessageRow)
    taken = select(other.id).where(
        other.kind == ALERTS,
        other.person == MessageRow.person,
        other.params["day"] == MessageRow.params["day"],
        other.channel.is_not(None),
    )
    statement = select(MessageRow.person, MessageRow.params["day"].astext).where(
        MessageRow.kind == ALERTS, MessageRow.channel.is_(None), ~taken.exists()
    )
    found: dict[str, set[date]] = defaultdict(set)
    for slack_user, day in await session.execute(statement):
        found[slack_user or ""].add(date.fromisoformat(day))
    return found


async def _move(session: TenantSession, slack_user: str, late: list[date], today: date) -> bool:
    """Whether there is anything to say; a subject that has a line today already is told by that."""
    told = aliased(NoticeRow)
    known = select(told.subject).where(told.slack_user == slack_user, told.day == today)
    fresh = NoticeRow.created_at > func.now() - KEPT
    mine = (NoticeRow.slack_user == slack_user, NoticeRow.over.is_(False), NoticeRow.subject.not_in(known), fresh)
    moved = False
    for day in sorted(late, reverse=True):  # of one subject the newest line counts
        statement = update(NoticeRow).where(*mine, NoticeRow.day == day).values(day=today)
        done = await session.execute(
            statement.returning(NoticeRow.subject).execution_options(synchronize_session=False)
        )
        moved = bool(done.all()) or moved
    return moved
