"""From a verified Slack request to a `Caller`: whose workspace, which person, which rights.

The tenant is the installation that the signed envelope names; the person must belong to that very team. Whoever Slack
calls a guest, a stranger, a bot or deactivated stops here with a sentence that says who can help.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.tools import Tools
from bot.views.errors import shut_out
from domains import businesses, people
from domains.people import Act, Caller, Person
from kit.errors import NotAllowed, Refused

# People change rarely and `user_change` tells us at once; this only bounds a lost event.
STALE_AFTER = timedelta(hours=24)
WORKSPACE_TTL_S = 60.0
WORKSPACES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sent the request, as the signed payload tells it; '' where Slack sends null.

    `org_wide`: one installation answers for all workspaces of an organisation, and a request may name none of them.
    """

    enterprise_id: str
    team_id: str
    user_id: str
    user_team_id: str
    org_wide: bool = False


def read_envelope(body: Mapping[str, Any]) -> Envelope:
    """The same facts from a command's form fields, an interaction or an event."""
    user, team = body.get("user"), body.get("team") or {}
    person = user if isinstance(user, dict) else {}
    org_wide = str(body.get("is_enterprise_install")).lower() == "true"  # a command's fields are words
    named = str(body.get("team_id") or team.get("id") or "")
    team_id = named or str(person.get("team_id") or "") if org_wide else _installed_team(body) or named
    enterprise = body.get("enterprise") or {}
    return Envelope(
        enterprise_id=str(body.get("enterprise_id") or enterprise.get("id") or ""),
        team_id=team_id,
        user_id=str(body.get("user_id") or person.get("id") or _event_user(body)),
        user_team_id=str(person.get("team_id") or team_id),
        org_wide=org_wide,
    )


def _installed_team(body: Mapping[str, Any]) -> str:
    """Of a view opened from the other side of a shared channel; an org-wide install names its organisation here."""
    return str((body.get("view") or {}).get("app_installed_team_id") or "")


def _event_user(body: Mapping[str, Any]) -> str:
    user = (body.get("event") or {}).get("user") or ""
    return str(user.get("id", "")) if isinstance(user, dict) else str(user)


async def meet(tools: Tools, business: UUID, slack_user: str) -> Person:
    """Ask Slack who this is and keep the answer."""
    seen = await tools.messenger.person(business, slack_user)
    async with tools.db.tenant_session(business) as session:
        await people.remember_person(
            session,
            slack_user,
            name=seen.name,
            zone=seen.zone,
            refused_as=seen.refused_as,
            seen_at=tools.clock.now(),
        )
        person = await people.find_person(session, slack_user)
    if person is None:
        raise LookupError(slack_user)
    return person


class NotInstalled(Refused):
    """No live installation answers for this team."""


class Doorkeeper:
    """Knows, for a minute each, which business a team is; asks the database about the person every time."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._teams: dict[tuple[str, str], tuple[float, UUID]] = {}

    async def business_of(self, envelope: Envelope) -> UUID:
        """Raises `NotInstalled`. An org-wide installation answers for its teams."""
        key = (envelope.enterprise_id, envelope.team_id)
        known = self._teams.get(key)
        if known and known[0] > time.monotonic():
            return known[1]
        business = await self._look_up(envelope)
        if len(self._teams) >= WORKSPACES_KEPT:
            self._teams.clear()
        self._teams[key] = (time.monotonic() + WORKSPACE_TTL_S, business)
        return business

    async def _look_up(self, envelope: Envelope) -> UUID:
        pairs = {(envelope.enterprise_id, envelope.team_id), ("", envelope.team_id), (envelope.enterprise_id, "")}
        async with self._tools.db.system_session() as session:
            for enterprise_id, team_id in sorted(pairs - {("", "")}, reverse=True):
                found = await businesses.find_workspace(session, enterprise_id=enterprise_id, team_id=team_id)
                if found:
                    return found.business_id
        raise NotInstalled("Runway is not installed in this workspace any more. Ask an admin to install it again.")

    def forget(self, business: UUID) -> None:
        """After an uninstall or a re-install."""
        self._teams = {key: known for key, known in self._teams.items() if known[1] != business}

    async def caller(self, business: UUID, envelope: Envelope) -> Caller:
        """Raises `NotAllowed` for whoever may not even look. Slack knows an organisation's strangers."""
        if not envelope.org_wide and envelope.user_team_id not in {envelope.team_id, envelope.enterprise_id}:
            raise NotAllowed(await self._refusal(business, "stranger"))
        async with self._tools.db.tenant_session(business) as session:
            person = await people.find_person(session, envelope.user_id)
        if person is None or self._tools.clock.now() - person.seen_at > STALE_AFTER:
            person = await meet(self._tools, business, envelope.user_id)
        if person.refused_as:
            raise NotAllowed(await self._refusal(business, person.refused_as))
        return Caller(person.slack_user, person.roles, person.zone)

    async def _refusal(self, business: UUID, reason: str) -> str:
        async with self._tools.db.tenant_session(business) as session:
            able = await people.list_people_who_may(session, Act.MANAGE)
        return shut_out(reason, able)
