"""How a workspace comes and goes: bound to one business on install, its secrets gone the moment it leaves."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domains import audit, businesses, people
from domains.books import Books, end_link
from domains.businesses import WorkspaceRow
from domains.people import Role
from domains.slack_tokens import seal_token
from kit.clock import Clock, SystemClock
from kit.crypto import Keyring
from kit.db import Database, TenantSession
from kit.errors import Busy, VendorFault
from kit.jobs import Job, Lane
from kit.outbox import enqueue

KEEP = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome(Job):
    """Greet the installer by DM and learn who they are."""

    lane = Lane.INTERACTIVE
    slack_user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetPerson(Job):
    """Somebody joined or changed in Slack: ask who they are now."""

    lane = Lane.INTERACTIVE
    slack_user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetEverybody(Job):
    """Once a night: what Slack says now about the people we know, should an event have been lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHome(Job):
    """A person looks at App Home."""

    lane = Lane.INTERACTIVE
    slack_user: str

    @property
    def serial(self) -> str:
        return f"home:{self.slack_user}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninstalled(Job):
    """Slack says that the app was removed, or its token revoked, at this instant."""

    lane = Lane.INTERACTIVE
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WipeBusiness(Job):
    """A day after a workspace left: delete what is kept of it, unless it came back."""


@dataclass(frozen=True, slots=True)
class Install:
    """What Slack granted. Ids of enterprise and team are '' where Slack has none."""

    enterprise_id: str
    team_id: str
    team_name: str
    app_id: str
    bot_id: str
    bot_user_id: str
    scopes: str
    token: str
    refresh_token: str | None
    expires_in: int | None
    installed_by: str


async def install(db: Database, keyring: Keyring, clock: Clock, granted: Install) -> UUID:
    """Bind the workspace to its business, the same one as before on a re-install."""
    async with db.system_session() as session:
        business, new = await businesses.bind_workspace(
            session, enterprise_id=granted.enterprise_id, team_id=granted.team_id, name=granted.team_name
        )
        await businesses.save_workspace(session, _row(business, granted, keyring, clock))
    async with db.tenant_session(business) as session:
        await _let_in(session, granted, new=new, clock=clock)
    return business


def _row(business: UUID, granted: Install, keyring: Keyring, clock: Clock) -> WorkspaceRow:
    now = clock.now()
    refresh = granted.refresh_token
    return WorkspaceRow(
        business_id=business,
        enterprise_id=granted.enterprise_id,
        team_id=granted.team_id,
        team_name=granted.team_name,
        app_id=granted.app_id,
        bot_id=granted.bot_id,
        bot_user_id=granted.bot_user_id,
        scopes=granted.scopes,
        bot_token=seal_token(keyring, business, "bot_token", granted.token),
        refresh_token=seal_token(keyring, business, "refresh_token", refresh) if refresh else None,
        expires_at=now + timedelta(seconds=granted.expires_in) if granted.expires_in else None,
        installed_by=granted.installed_by,
        # Slack's clock, not the demo's: a late uninstall event is held against this instant.
        installed_at=SystemClock().now(),
    )


async def _let_in(session: TenantSession, granted: Install, *, new: bool, clock: Clock) -> None:
    """The installer becomes admin at once; whether they own the workspace is asked of Slack by the welcome job."""
    roles = await people.list_roles(session, granted.installed_by)
    await people.set_roles(session, granted.installed_by, roles | {Role.ADMIN}, by=granted.installed_by)
    action = "workspace.installed" if new else "workspace.reinstalled"
    entry = audit.Entry(
        actor=granted.installed_by,
        action=action,
        object_type="workspace",
        object_id=f"{granted.enterprise_id}/{granted.team_id}",
        after={"scopes": granted.scopes},
        source="install",
    )
    seq = await audit.record(session, entry, clock=clock)
    await enqueue(session, Welcome(slack_user=granted.installed_by), key=f"welcome:{seq}")


async def make_owner(session: TenantSession, slack_user: str, *, clock: Clock) -> None:
    """A workspace owner who installs becomes the first owner of the business, if it has none yet."""
    everybody = await people.list_people(session)
    if any(Role.OWNER in person.roles for person in everybody):
        return
    roles = await people.list_roles(session, slack_user)
    await people.set_roles(session, slack_user, (roles - {Role.MEMBER}) | {Role.OWNER}, by=slack_user)
    entry = audit.Entry(
        actor=slack_user, action="role.granted", object_type="person", object_id=slack_user, after={"role": "owner"}
    )
    await audit.record(session, entry, clock=clock)


async def uninstall(db: Database, clock: Clock, books: Books, business: UUID, *, at: datetime) -> bool:
    """Forget the tokens of an installation older than the event, Intuit's too, and set a day for the rest.

    False when a newer install made the event stale.
    """
    async with db.system_session() as session:
        ended = await businesses.end_workspace(session, business, before=at)
    if not ended:
        return False
    with suppress(Busy, VendorFault):  # Intuit's answer changes nothing: our copies of its tokens go either way
        await books.revoke(business)
    async with db.tenant_session(business) as session:
        await end_link(session, clock.now())
        entry = audit.Entry(
            actor="slack", action="workspace.uninstalled", object_type="workspace", object_id=str(business)
        )
        seq = await audit.record(session, entry, clock=clock)
        await enqueue(session, WipeBusiness(), key=f"wipe:{seq}", delay=KEEP)
    return True
