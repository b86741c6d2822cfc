"""A process that runs one sync after another and kills itself, for real, at the step it is told.

Reads lines "job_key kind kill_at" and answers each with how the attempt ended: -9 for killed, 0 for done, 1 for Busy.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import httpx
import structlog

from domains.qbo.auth import IntuitApp, IntuitAuth
from domains.qbo.client import Pace
from domains.qbo.sync import Intuit, SmartSyncService, SyncOrder
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring, Secret
from kit.db import Database, TenantSession, new_engine
from kit.errors import Busy
from kit.http import new_client
from tests.integration.mirror.stage import OpenLimiter


class Fuse:
    """Burns down one step at a time: before and after each request, before and after each commit."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class FusedTransport(httpx.AsyncHTTPTransport):
    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self._fuse = fuse

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._fuse.step()
        response = await super().handle_async_request(request)
        self._fuse.step()
        return response


async def attempt(order: SyncOrder, fuse: Fuse) -> int:
    business, api, at = UUID(os.environ["BUSINESS"]), os.environ["API"], os.environ["AT"]
    db = Database(new_engine(os.environ["DATABASE"], pool_size=8))
    clock, keyring = FrozenClock(datetime.fromisoformat(at)), Keyring.parse(os.environ["KEYS"])

    @asynccontextmanager
    async def unit() -> AsyncIterator[TenantSession]:
        async with db.tenant_session(business) as session:
            yield session
            fuse.step()
        fuse.step()

    http = new_client(allowed_hosts={api.removeprefix("http://")}, transport=FusedTransport(fuse))
    app = IntuitApp("sandbox-client", Secret("sandbox-secret"), "http://127.0.0.1/", api, api, api)
    pace = Pace(OpenLimiter(), longest_wait_s=1, pause_s=0.01, first_backoff_s=0.001)
    intuit = Intuit(http, api, IntuitAuth(app, http, clock), pace)
    try:
        await SmartSyncService(db, keyring, clock, intuit).run(business, unit, order)
    except Busy:
        return 1
    return 0


def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answers
    for line in sys.stdin:
        job_key, kind, kill_at = line.split()
        child = os.fork()
        if child == 0:
            os._exit(asyncio.run(attempt(SyncOrder(Kind(kind), "U1", job_key), Fuse(int(kill_at)))))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
