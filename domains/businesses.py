"""Businesses and the Slack workspace each is bound to: one to one, by Slack's ids and never by name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Index, String, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import SystemSession, TenantSession
from kit.errors import Gone
from kit.models import Base, Owned

# The made-up company of the test drive. It is nobody's: no workspace, no schedule, no line in any list.
FICTION = UUID("f1c710a0-0000-4000-8000-000000000001")


class BusinessStatus(StrEnum):
    ACTIVE = "active"
    UNINSTALLED = "uninstalled"
    WIPED = "wiped"


class BusinessRow(Owned, Base):
    __tablename__ = "businesses"

    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(60), server_default="UTC")
    currency: Mapped[str] = mapped_column(String(3), server_default="USD")
    status: Mapped[str] = mapped_column(String(20), server_default=BusinessStatus.ACTIVE)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class WorkspaceRow(Owned, Base):
    """The installation. `enterprise_id` and `team_id` are '' when absent, so that the pair can be unique."""

    __tablename__ = "workspaces"
    __table_args__ = (
        Index("uq_workspaces_live_team", "enterprise_id", "team_id", unique=True, postgresql_where=text("NOT dead")),
    )

    enterprise_id: Mapped[str] = mapped_column(String(40))
    team_id: Mapped[str] = mapped_column(String(40))
    team_name: Mapped[str] = mapped_column(String(200))
    app_id: Mapped[str] = mapped_column(String(40))
    bot_id: Mapped[str] = mapped_column(String(40))
    bot_user_id: Mapped[str] = mapped_column(String(40))
    scopes: Mapped[str] = mapped_column(String(1000))
    bot_token: Mapped[str | None] = mapped_column(String(2000))  # sealed
    refresh_token: Mapped[str | None] = mapped_column(String(2000))  # sealed
    expires_at: Mapped[datetime | None]
    installed_by: Mapped[str] = mapped_column(String(40))
    installed_at: Mapped[datetime]
    dead: Mapped[bool] = mapped_column(server_default="false")


@dataclass(frozen=True, slots=True)
class Business:
    id: UUID
    name: str
    zone: str
    currency: str
    status: BusinessStatus


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a business lives in Slack; `sealed_token` opens only for this row."""

    business_id: UUID
    enterprise_id: str
    team_id: str
    team_name: str
    app_id: str
    bot_id: str
    bot_user_id: str
    scopes: str
    sealed_token: str | None
    sealed_refresh: str | None
    expires_at: datetime | None
    installed_by: str
    installed_at: datetime


async def get_business(session: TenantSession) -> Business:
    """The session's own business. Raises `NoResultFound` when it was wiped."""
    row = (await session.execute(select(BusinessRow))).scalar_one()
    return _business(row)


async def list_businesses(session: SystemSession) -> list[Business]:
    real = select(BusinessRow).where(BusinessRow.business_id != FICTION)
    rows = await session.execute(real.order_by(BusinessRow.created_at, BusinessRow.business_id))
    return [_business(row) for row in rows.scalars()]


async def describe_business(
    session: TenantSession, *, name: str | None = None, zone: str | None = None, currency: str | None = None
) -> None:
    """Keep what the books say about the company itself; None leaves a field as it is."""
    known = {"name": name, "zone": zone, "currency": currency}
    changes = {key: value for key, value in known.items() if value is not None}
    if changes:
        await session.execute(update(BusinessRow).values(**changes))


async def find_workspace(session: SystemSession, *, enterprise_id: str, team_id: str) -> Workspace | None:
    """The live installation of a team."""
    statement = select(WorkspaceRow).where(
        WorkspaceRow.enterprise_id == enterprise_id, WorkspaceRow.team_id == team_id, WorkspaceRow.dead.is_(False)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return _workspace(row) if row else None


async def get_workspace(session: TenantSession) -> Workspace:
    """Raises `Gone` when the app is not installed any more."""
    row = (await session.execute(select(WorkspaceRow).where(WorkspaceRow.dead.is_(False)))).scalar_one_or_none()
    if row is None:
        raise Gone("Runway is not installed in this workspace any more. Nothing was done.")
    return _workspace(row)


async def bind_workspace(session: SystemSession, *, enterprise_id: str, team_id: str, name: str) -> tuple[UUID, bool]:
    """The business of this team and whether it is new; a team that comes back before it was wiped finds its own.

    A lock on the pair lets only one of two installs make it.
    """
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:pair, 0))")
    await session.execute(lock, {"pair": f"{enterprise_id}/{team_id}"})
    pair = (WorkspaceRow.enterprise_id == enterprise_id, WorkspaceRow.team_id == team_id)
    newest = select(WorkspaceRow.business_id).where(*pair).order_by(WorkspaceRow.installed_at.desc()).limit(1)
    known = (await session.execute(newest)).scalar_one_or_none()
    if known is not None:
        active = update(BusinessRow).where(BusinessRow.business_id == known).values(status=BusinessStatus.ACTIVE)
        await session.execute(active)
        return known, False
    business_id = uuid4()
    await session.execute(insert(BusinessRow).values(business_id=business_id, name=name))
    return business_id, True


async def save_workspace(session: SystemSession, row: WorkspaceRow) -> None:
    """One row per business: a re-install overwrites the tokens of the one before it."""
    values = {column.key: getattr(row, column.key) for column in WorkspaceRow.__table__.columns if column.key != "dead"}
    statement = insert(WorkspaceRow).values(**values, dead=False)
    fresh = {key: statement.excluded[key] for key in [*values, "dead"] if key != "business_id"}
    await session.execute(statement.on_conflict_do_update(index_elements=["business_id"], set_=fresh))


async def end_workspace(session: SystemSession, business_id: UUID, *, before: datetime) -> bool:
    """Forget the tokens of an installation made before the event; a late event never ends a newer install."""
    statement = (
        update(WorkspaceRow)
        .where(WorkspaceRow.business_id == business_id, WorkspaceRow.installed_at <= before, ~WorkspaceRow.dead)
        .values(dead=True, bot_token=None, refresh_token=None)
        .returning(WorkspaceRow.business_id)
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        return False
    gone = {"status": BusinessStatus.UNINSTALLED}
    await session.execute(update(BusinessRow).where(BusinessRow.business_id == business_id).values(**gone))
    return True


def _business(row: BusinessRow) -> Business:
    return Business(row.business_id, row.name, row.zone, row.currency, BusinessStatus(row.status))


def _workspace(row: WorkspaceRow) -> Workspace:
    return Workspace(
        business_id=row.business_id,
        enterprise_id=row.enterprise_id,
        team_id=row.team_id,
        team_name=row.team_name,
        app_id=row.app_id,
        bot_id=row.bot_id,
        bot_user_id=row.bot_user_id,
        scopes=row.scopes,
        sealed_token=row.bot_token,
        sealed_refresh=row.refresh_token,
        expires_at=row.expires_at,
        installed_by=row.installed_by,
        installed_at=row.installed_at,
    )
