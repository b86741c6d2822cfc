"""The two doors to the database, and the only commit.

A tenant's rows are behind three walls: the session below knows one business and adds it to every ORM statement;
Postgres policies (FORCE) compare each row with `app.business_id`; and keys start with the business.
The role is taken inside each transaction, so a login that owns the tables still meets the policies.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import TextClause, event, text
from sqlalchemy.engine import AdaptedConnection, Connection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction, with_loader_criteria
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from kit.errors import Busy
from kit.memory import Memory
from kit.models import Owned

TENANT_ROLE = "runway_tenant"
SYSTEM_ROLE = "runway_system"
WIPER_ROLE = "runway_wiper"
ENTER = text("SELECT set_config('role', :role, true), set_config('app.business_id', :business, true)")

# Postgres tells in the code whether the same transaction may succeed when it is run again.
RETRYABLE = {"40001": "serialization", "40P01": "deadlock", "55P03": "lock timeout", "57014": "statement timeout"}

PATIENCE = {
    "lock_timeout": "2s",
    # A process that froze in the middle of a transaction gives its locks back; nothing of ours idles so long in one.
    "idle_in_transaction_session_timeout": "30s",
    "application_name": "runway",
}

Hint: TypeAlias = Callable[[Sequence[UUID]], None]
T = TypeVar("T")


class WrongTenant(RuntimeError):
    """A row of another business was about to be written: a bug that must never be quiet."""


class TenantSession(AsyncSession):
    """One business, one transaction. Nothing below this door takes a business_id."""

    @property
    def business_id(self) -> UUID:
        business_id: UUID = self.info["business_id"]
        return business_id

    def if_undone(self, then: Callable[[], None]) -> None:
        """`then` is called when this transaction ends without its commit: what was counted in memory counts again."""
        self.info.setdefault("if_undone", []).append(then)

    @property
    def has_written(self) -> bool:
        """Whether anything but a plain SELECT was sent: undoing this transaction may undo something."""
        return bool(self.info.get("wrote"))

    def recall(self, kind: type[T], mark: object) -> T | None:
        """What an earlier transaction of this business made of the very same things; `mark` says which."""
        return self._memory.recall(self.business_id, kind, mark)

    def remember(self, value: object, mark: object, *, size: int) -> None:
        self._memory.remember(self.business_id, value, mark, size=size)

    def turn(self) -> asyncio.Lock:
        return self._memory.turn(self.business_id)

    @property
    def _memory(self) -> Memory:
        memory: Memory = self.info["memory"]
        return memory


class WipeSession(AsyncSession):
    """One business that left: its rows may be deleted, and nothing else may be seen or done."""


class SystemSession(AsyncSession):
    """Work across tenants. Its role sees the few tables that route work to a tenant, and none of the books."""


def _on_begin(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    business = session.info.get("business_id")
    connection.execute(ENTER, {"role": session.info["role"], "business": str(business or "")})


def _narrow(state: ORMExecuteState) -> None:
    business = state.session.info.get("business_id")
    if not state.is_select:
        state.session.info["wrote"] = True
    if isinstance(state.statement, TextClause):  # takes no criteria: the policies of the tables stand alone there
        return
    if business and not state.is_column_load and not state.is_relationship_load:
        state.statement = state.statement.options(
            with_loader_criteria(Owned, lambda cls: cls.business_id == business, include_aliases=True)
        )


def _stamp(session: Session, _flush: UOWTransaction, _instances: object) -> None:
    business = session.info.get("business_id")
    session.info["wrote"] = True
    if not business:
        return
    for row in session.new:
        if isinstance(row, Owned):
            if row.business_id not in (None, business):
                raise WrongTenant(type(row).__name__)
            row.business_id = business


def _walled(session: AsyncSession) -> None:
    event.listen(session.sync_session, "after_begin", _on_begin)
    event.listen(session.sync_session, "do_orm_execute", _narrow)
    event.listen(session.sync_session, "before_flush", _stamp)


def new_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An asyncpg engine. Statements and lock waits end before a person's patience does."""
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=2,
        hide_parameters=True,  # an error text must not carry what was being written
        connect_args={"timeout": 3, "server_settings": PATIENCE},
    )
    event.listen(engine.sync_engine, "checkout", _still_open)
    return engine


def _still_open(connection: AdaptedConnection, _record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """After a restart of the database nobody is handed a connection that ended with it; the pool makes a new one."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


class Database:
    """Built once per process. `hint` is told, after commit, which outbox rows were written: it may be lost."""

    def __init__(self, engine: AsyncEngine, *, hint: Hint | None = None, memory: Memory | None = None) -> None:
        self.engine = engine
        self._hint = hint
        self._memory = memory or Memory()

    @asynccontextmanager
    async def tenant_session(self, business_id: UUID) -> AsyncIterator[TenantSession]:
        info = {"business_id": business_id, "role": TENANT_ROLE, "memory": self._memory}
        session = TenantSession(self.engine, expire_on_commit=False, info=info)
        async with self._unit(session):
            yield session

    @asynccontextmanager
    async def system_session(self) -> AsyncIterator[SystemSession]:
        session = SystemSession(self.engine, expire_on_commit=False, info={"role": SYSTEM_ROLE})
        async with self._unit(session):
            yield session

    @asynccontextmanager
    async def wipe_session(self, business_id: UUID) -> AsyncIterator[WipeSession]:
        info = {"business_id": business_id, "role": WIPER_ROLE}
        async with self._unit(session := WipeSession(self.engine, info=info)):
            yield session

    @asynccontextmanager
    async def _unit(self, session: AsyncSession) -> AsyncIterator[None]:
        _walled(session)
        committed = False
        try:
            async with session:
                yield
                await session.commit()
                committed = True
        except DBAPIError as error:
            reason = RETRYABLE.get(getattr(error.orig, "sqlstate", None) or "")
            if reason is None:
                raise
            raise Busy(f"the database asked to try again ({reason})", retry_after=0.2) from error
        finally:
            for then in () if committed else session.info.get("if_undone", ()):
                then()
        written: list[UUID] = session.info.pop("outbox", [])
        if written and self._hint is not None:
            self._hint(written)

    async def close(self) -> None:
        await self.engine.dispose()
