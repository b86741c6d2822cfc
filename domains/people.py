"""Who is who in a workspace and what they may do. Roles are looked up at the click, in the deciding transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Index, String, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import TenantSession
from kit.errors import NotAllowed
from kit.models import Base, Owned, OwnedById


class Role(StrEnum):
    OWNER = "owner"
    ADVISOR = "advisor"
    ADMIN = "admin"
    MEMBER = "member"


class Act(StrEnum):
    """The rows of the permission table (docs/security.md); the value is how a refusal names the act."""

    SEE = "see the books"
    RESOLVE = "work on tray items"
    PROPOSE = "propose, hold or chase"
    APPROVE = "approve or reject bills"
    OVERRIDE = "approve below the cash floor"
    MANAGE = "sync, connect or change settings"


ALLOWED: dict[Act, frozenset[Role]] = {
    Act.SEE: frozenset({Role.OWNER, Role.ADVISOR, Role.ADMIN}),
    Act.RESOLVE: frozenset({Role.OWNER, Role.ADVISOR, Role.ADMIN}),
    Act.PROPOSE: frozenset({Role.OWNER, Role.ADVISOR}),
    Act.APPROVE: frozenset({Role.OWNER, Role.ADVISOR}),
    Act.OVERRIDE: frozenset({Role.OWNER}),
    Act.MANAGE: frozenset({Role.OWNER, Role.ADMIN}),
}


ADMINS_CAN = "An admin can change that: `/runway roles`."


class PersonRow(Owned, Base):
    """What Slack says about a person of this workspace."""

    __tablename__ = "people"

    slack_user: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(60), server_default="UTC")
    refused_as: Mapped[str | None] = mapped_column(String(20))  # guest, stranger, bot, deactivated
    dm_channel: Mapped[str | None] = mapped_column(String(40))
    seen_at: Mapped[datetime]


class RoleGrantRow(OwnedById, Base):
    """A role from a day to a day: an old approval can be held against the roles of its moment."""

    __tablename__ = "role_grants"
    __table_args__ = (
        Index(
            "uq_role_grants_live",
            "business_id",
            "slack_user",
            "role",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
    )

    slack_user: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    granted_by: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[datetime] = mapped_column(server_default=func.now())
    valid_to: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Person:
    slack_user: str
    name: str
    zone: str
    refused_as: str | None
    dm_channel: str | None
    seen_at: datetime
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. Made by the edge from a verified request; the business is that of the session, never of the payload."""

    slack_user: str
    roles: frozenset[Role]
    zone: str = "UTC"

    def may(self, act: Act) -> bool:
        return bool(self.roles & ALLOWED[act])


async def require(session: TenantSession, caller: Caller, act: Act, to: str = "") -> None:
    """Check the right as it stands in this transaction.

    Raises `NotAllowed` with a sentence that says what was asked (`to`, as in "post the digest") and who can.
    """
    roles = await list_roles(session, caller.slack_user)
    if roles & ALLOWED[act]:
        return
    able = await list_people_who_may(session, act)
    if not able and Role.ADMIN in ALLOWED[act]:
        raise NotAllowed(
            f"Nobody can {to or act.value} here any more. Whoever installs Runway again becomes its admin."
        )
    raise NotAllowed(refusal(to or act.value, able))


def refusal(to: str, able: Sequence[str]) -> str:
    names = any_of(able)
    return f"You can’t {to} here. {names} can." if names else f"Nobody can {to} here. {ADMINS_CAN}"


def any_of(able: Sequence[str], most: int = 3) -> str:
    """As in "@maya, @omar or @ava"; '' when there is nobody."""
    named = [f"<@{person}>" for person in able[:most]]
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


async def list_people_who_may(session: TenantSession, act: Act) -> list[str]:
    """Slack ids, the longest-standing first; people who left or are guests are not among them."""
    statement = (
        select(RoleGrantRow.slack_user)
        .outerjoin(PersonRow, PersonRow.slack_user == RoleGrantRow.slack_user)
        .where(RoleGrantRow.valid_to.is_(None), RoleGrantRow.role.in_(ALLOWED[act]), PersonRow.refused_as.is_(None))
        .group_by(RoleGrantRow.slack_user)
        .order_by(func.min(RoleGrantRow.valid_from), RoleGrantRow.slack_user)
    )
    return list((await session.execute(statement)).scalars())


async def list_roles(session: TenantSession, slack_user: str) -> frozenset[Role]:
    """Live roles; none for a person whom Slack calls a guest, a stranger, a bot or deactivated."""
    refused = select(PersonRow.slack_user).where(PersonRow.slack_user == slack_user, PersonRow.refused_as.is_not(None))
    statement = select(RoleGrantRow.role).where(
        RoleGrantRow.slack_user == slack_user, RoleGrantRow.valid_to.is_(None), ~refused.exists()
    )
    return frozenset(Role(role) for role in (await session.execute(statement)).scalars())


async def set_roles(session: TenantSession, slack_user: str, roles: Iterable[Role], *, by: str) -> None:
    """Make the person's live roles exactly these; the closed ones stay in history."""
    wanted = frozenset(roles)
    live = RoleGrantRow.valid_to.is_(None)
    await session.execute(
        update(RoleGrantRow)
        .where(RoleGrantRow.slack_user == slack_user, live, RoleGrantRow.role.not_in(wanted))
        .values(valid_to=func.now())
    )
    for role in sorted(wanted):
        row = {"business_id": session.business_id, "id": uuid4(), "slack_user": slack_user, "role": role}
        # Whoever grants the same role at the same moment came first; the live one is unique.
        await session.execute(insert(RoleGrantRow).values(**row, granted_by=by).on_conflict_do_nothing())


async def _granted(session: TenantSession, slack_user: str) -> frozenset[Role]:
    statement = select(RoleGrantRow.role).where(RoleGrantRow.slack_user == slack_user, RoleGrantRow.valid_to.is_(None))
    return frozenset(Role(role) for role in (await session.execute(statement)).scalars())


async def find_person(session: TenantSession, slack_user: str) -> Person | None:
    row = (await session.execute(select(PersonRow).where(PersonRow.slack_user == slack_user))).scalar_one_or_none()
    return _person(row, await _granted(session, slack_user)) if row else None


async def list_people(session: TenantSession) -> list[Person]:
    """Everybody who was met or has a role, by name."""
    grants: dict[str, set[Role]] = {}
    for user, role in await session.execute(
        select(RoleGrantRow.slack_user, RoleGrantRow.role).where(RoleGrantRow.valid_to.is_(None))
    ):
        grants.setdefault(user, set()).add(Role(role))
    rows = (await session.execute(select(PersonRow).order_by(PersonRow.name, PersonRow.slack_user))).scalars()
    return [_person(row, frozenset(grants.get(row.slack_user, ()))) for row in rows]


async def remember_person(
    session: TenantSession, slack_user: str, *, name: str, zone: str, refused_as: str | None, seen_at: datetime
) -> None:
    """Keep what Slack said about a person; a person without a role becomes a member, a refused one loses theirs."""
    facts = {"name": name, "zone": zone, "refused_as": refused_as, "seen_at": seen_at}
    statement = insert(PersonRow).values(business_id=session.business_id, slack_user=slack_user, **facts)
    keys = [PersonRow.business_id, PersonRow.slack_user]
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=facts))
    granted = await _granted(session, slack_user)
    if refused_as is not None and granted:
        await set_roles(session, slack_user, (), by="slack")
    elif refused_as is None and not granted:
        await set_roles(session, slack_user, (Role.MEMBER,), by="slack")


async def remember_dm(session: TenantSession, slack_user: str, channel: str) -> None:
    await session.execute(update(PersonRow).where(PersonRow.slack_user == slack_user).values(dm_channel=channel))


def _person(row: PersonRow, roles: frozenset[Role]) -> Person:
    return Person(row.slack_user, row.name, row.zone, row.refused_as, row.dm_channel, row.seen_at, roles)
