"""SmartSyncService: the only road to QuickBooks. A fresh mirror costs no call; else call, store, read the mirror."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid4

import httpx
import structlog
from sqlalchemy import select, text

from domains.freshness import BALANCES, LIMITS, Freshness, Group, Limits, judge
from domains.mirror import Entity, RecordRow
from domains.qbo import cursors
from domains.qbo.auth import IntuitAuth
from domains.qbo.changes import Changed, read_changes
from domains.qbo.client import Credentials, Pace, QboClient
from domains.qbo.faults import AccessLost, MalformedAnswer, TokenRejected, Unavailable
from domains.qbo.full import read_everything
from domains.qbo.reconcile import reconcile
from domains.qbo.run import Moved, Run, Unit, close_run, nobody_watches, open_run
from domains.qbo.storage import Key
from domains.qbo.targeted import read_balances, read_merged, read_record
from domains.qbo.tokens import TokenKeeper
from domains.sync_history import CursorRow, Kind, RunState
from kit.clock import Clock
from kit.crypto import Keyring
from kit.db import Database, TenantSession
from kit.errors import Busy, LeaseLost, VendorFault

# Whoever links another company waits for transactions that hold this, and those that come after see the other one.
LINKED = text("SELECT realm_id FROM qbo_connections WHERE business_id = :business FOR KEY SHARE")

log = structlog.get_logger(__name__)


class Need(StrEnum):
    """How much a caller relies on what it reads."""

    FRESH = "fresh"  # call when beyond the soft limit
    USABLE = "usable"  # call when beyond the hard limit
    STRICT = "strict"  # call now


@dataclass(frozen=True, slots=True)
class LiveRead:
    """The mirror holds the answer; this says how good it is. `failure` is in plain words, and then `state` is old."""

    state: Freshness
    last_synced: datetime | None
    called: bool
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Two names became one: `gone` went into `kept`."""

    entity: Entity
    kept: str
    gone: str | None


@dataclass(frozen=True, slots=True)
class SyncOrder:
    """What a job asks for. `job_key` makes a repeated job take up its own run."""

    kind: Kind
    actor: str
    job_key: str
    merges: tuple[Merge, ...] = ()
    moved: Moved = nobody_watches


@dataclass(frozen=True, slots=True)
class Intuit:
    """Where QuickBooks is and how this process may speak to it."""

    http: httpx.AsyncClient
    api_url: str
    auth: IntuitAuth
    pace: Pace


class OtherCompany(Busy):
    """The business was linked to another company meanwhile: what was read belongs to nobody's mirror."""

    def __init__(self) -> None:
        super().__init__("The books of another company are connected now.", retry_after=1)


Reading: TypeAlias = Callable[[Run], Awaitable[Changed]]
Judged: TypeAlias = Callable[[TenantSession], Awaitable[datetime | None]]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A live read: what it is called when others join it, how its age is known, and how it is done."""

    business_id: UUID
    name: str
    last_synced: Judged
    limits: Limits
    read: Reading
    actor: str


@dataclass(frozen=True, slots=True)
class SmartSyncService:
    """Built once per process. `joined` are the live reads under way, so that identical ones share one call."""

    db: Database
    keyring: Keyring
    clock: Clock
    intuit: Intuit
    joined: dict[tuple[UUID, str], asyncio.Task[LiveRead]] = field(default_factory=dict)

    async def run(self, business_id: UUID, unit: Unit, order: SyncOrder) -> Changed:
        """A whole sync. Raises what the job's edge knows: `Busy`, `VendorFault`, `LeaseLost`; the run row says why."""
        keeper = self.keeper(business_id)
        realm = (await keeper.load()).realm_id
        client = self.client(realm, keeper)
        run = await open_run(
            of_company(unit, realm),
            client,
            self.clock,
            kind=order.kind,
            actor=order.actor,
            job_key=order.job_key,
            moved=order.moved,
        )
        return await self._closing(run, keeper, lambda run: self._read(run, order))

    async def ensure_record(self, business_id: UUID, key: Key, *, need: Need, actor: str) -> LiveRead:
        limits = LIMITS[Group.BILLS]

        async def last_synced(session: TenantSession) -> datetime | None:
            statement = select(RecordRow.last_synced).where(
                RecordRow.entity == key.entity, RecordRow.qbo_id == key.qbo_id
            )
            return (await session.execute(statement)).scalar_one_or_none()

        async def read(run: Run) -> Changed:
            return await read_record(run, key)

        name = f"{key.entity}:{key.qbo_id}"
        return await self._ensure(_Wanted(business_id, name, last_synced, limits, read, actor), need)

    async def ensure_balances(self, business_id: UUID, *, need: Need, actor: str) -> LiveRead:
        async def last_synced(session: TenantSession) -> datetime | None:
            statement = select(CursorRow.last_synced).where(CursorRow.entity == BALANCES)
            return (await session.execute(statement)).scalar_one_or_none()

        limits = LIMITS[Group.BALANCES]
        return await self._ensure(_Wanted(business_id, BALANCES, last_synced, limits, read_balances, actor), need)

    def keeper(self, business_id: UUID) -> TokenKeeper:
        return TokenKeeper(business_id, self.db, self.keyring, self.intuit.auth, self.clock)

    def client(self, realm_id: str, credentials: Credentials) -> QboClient:
        return QboClient(self.intuit.http, self.intuit.api_url, realm_id, credentials, self.intuit.pace)

    async def client_of(self, business_id: UUID) -> QboClient:
        """For the one write there is. Raises `NotConnected`."""
        keeper = self.keeper(business_id)
        return self.client((await keeper.load()).realm_id, keeper)

    async def count(self, business_id: UUID, client: QboClient) -> None:
        """Put on the month's bill what is not on it yet: it was asked, whoever goes on with the work."""
        async with self.db.tenant_session(business_id) as session:
            await client.meter.write(session, self.clock.now())

    async def _read(self, run: Run, order: SyncOrder) -> Changed:
        async with run.unit() as session:
            since = await cursors.find_watermark(session)
        if order.kind is Kind.FULL or since is None or self.clock.now() - since > cursors.GAP:
            return await read_everything(run)
        for merge in order.merges:
            await read_merged(run, merge.entity, [part for part in (merge.kept, merge.gone) if part])
        if order.kind is Kind.RECONCILE:
            return await reconcile(run, since)
        return await read_changes(run, since)

    async def _ensure(self, wanted: _Wanted, need: Need) -> LiveRead:
        known = await self._judge(wanted)
        if need is not Need.STRICT and known.state in _good_enough(need):
            return known
        return await self._join(wanted)

    async def _join(self, wanted: _Wanted) -> LiveRead:
        """One call for everybody who asks for the same at the same time."""
        slot = (wanted.business_id, wanted.name)
        if slot not in self.joined:
            task = asyncio.create_task(self._call(wanted))
            self.joined[slot] = task
            task.add_done_callback(lambda _: self.joined.pop(slot, None))
        return await asyncio.shield(self.joined[slot])

    async def _call(self, wanted: _Wanted) -> LiveRead:
        failure = await self._try(wanted)
        return replace(await self._judge(wanted), called=True, failure=failure)

    async def _judge(self, wanted: _Wanted) -> LiveRead:
        async with self.db.tenant_session(wanted.business_id) as session:
            last_synced = await wanted.last_synced(session)
        return LiveRead(judge(last_synced, wanted.limits, self.clock.now()), last_synced, called=False)

    async def _try(self, wanted: _Wanted) -> str | None:
        """None, or why QuickBooks could not be asked: the mirror answers then, marked."""

        def unit() -> AbstractAsyncContextManager[TenantSession]:
            return self.db.tenant_session(wanted.business_id)

        keeper = self.keeper(wanted.business_id)
        try:
            realm = (await keeper.load()).realm_id
            client, bound, key = self.client(realm, keeper), of_company(unit, realm), f"live:{uuid4()}"
            run = await open_run(bound, client, self.clock, kind=Kind.TARGETED, actor=wanted.actor, job_key=key)
            await self._closing(run, keeper, wanted.read)
        except (Busy, VendorFault) as error:
            log.info("mirror.served_old", error=type(error).__name__)
            return str(error)
        return None

    async def _closing(self, run: Run, keeper: TokenKeeper, read: Reading) -> Changed:
        try:
            changed = await read(run)
        except (LeaseLost, OtherCompany):
            await self.count(keeper.business_id, run.client)
            raise
        except asyncio.CancelledError:
            raise
        except Busy as error:
            # A garbled answer is a failure that people shall see, though the same job asks again later.
            state = RunState.FAILED if isinstance(error, MalformedAnswer) else RunState.WAITING
            reference = error.reference if isinstance(error, Unavailable) else None
            await close_run(run, state, reason=str(error)[:300], reference=reference)
            raise
        except VendorFault as error:
            if isinstance(error, TokenRejected | AccessLost):
                await keeper.give_up(keeper.used[-1], run.client.realm_id, str(error))
            await close_run(run, RunState.FAILED, reason=str(error)[:300], reference=error.detail.reference)
            raise
        except Exception:
            await close_run(run, RunState.FAILED, reason="An error of ours stopped the sync; it was logged.")
            raise
        await close_run(run, RunState.SUCCEEDED)
        log.info("sync.finished", kind=run.kind, news=len(changed.news))
        return changed


def of_company(unit: Unit, realm_id: str) -> Unit:
    """The same, but only while that company is the business's own. Raises `OtherCompany`."""

    @asynccontextmanager
    async def bound() -> AsyncIterator[TenantSession]:
        async with unit() as session:
            linked = await session.execute(LINKED, {"business": session.business_id})
            if linked.scalar_one_or_none() != realm_id:
                raise OtherCompany
            yield session

    return bound


def _good_enough(need: Need) -> set[Freshness]:
    return {Freshness.FRESH} if need is Need.FRESH else {Freshness.FRESH, Freshness.AGING}
