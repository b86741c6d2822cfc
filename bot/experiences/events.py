"""What Slack tells us unasked: each event becomes a row and a job before it is answered, and a repeat finds the row."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from bot.middleware import Doorkeeper, NotInstalled, read_envelope
from bot.tools import Tools
from kit import inbox
from kit.jobs import Job
from kit.outbox import enqueue
from orchestrators.installs import MeetPerson, ShowHome, Uninstalled

log = structlog.get_logger(__name__)


async def take(tools: Tools, door: Doorkeeper, body: Mapping[str, Any]) -> None:
    """Raises whatever the database raises: Slack then delivers again."""
    event = body.get("event") or {}
    try:
        business = await door.business_of(read_envelope(body))
    except NotInstalled:
        log.info("event.without_installation", event_type=event.get("type"))
        return
    job = _job(body, event)
    if job is None:
        return
    if isinstance(job, Uninstalled):
        door.forget(business)
        tools.messenger.forget(business)
    await _persist(tools, business, str(body["event_id"]), job)


async def _persist(tools: Tools, business: UUID, event_id: str, job: Job) -> None:
    async with tools.db.tenant_session(business) as session:
        if await inbox.receive(session, "slack", event_id):
            await enqueue(session, job, key=f"slack:{event_id}")


def _job(body: Mapping[str, Any], event: Mapping[str, Any]) -> Job | None:
    user = event.get("user") or ""
    slack_user = str(user.get("id")) if isinstance(user, dict) else str(user)
    match event.get("type"):
        case "app_home_opened" if event.get("tab") == "home":
            return ShowHome(slack_user=slack_user)
        case "team_join" | "user_change":
            return MeetPerson(slack_user=slack_user)
        case "app_uninstalled":
            return Uninstalled(at=_at(body))
        case "tokens_revoked" if (event.get("tokens") or {}).get("bot"):
            return Uninstalled(at=_at(body))
        case _:
            return None


def _at(body: Mapping[str, Any]) -> datetime:
    # Slack counts in whole seconds: an install within the same second is older than the event that ends it.
    return datetime.fromtimestamp(int(body["event_time"]), UTC) + timedelta(seconds=1)
