"""A worker process that is killed, for good, at the given commit of the work it does."""

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import event

from bot.messenger import Place
from bot.views.blocks import Message
from kit.clock import FrozenClock
from kit.db import Database, new_engine
from tests.integration.digest.stage import FakeMessenger, Stage


class Ledger(FakeMessenger):
    """What Slack took stays on disk, whatever happens to this process."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    async def post(self, business: UUID, channel: str, message: Message, *, thread_ts: str | None = None) -> Place:
        place = await super().post(business, channel, message, thread_ts=thread_ts)
        with self._path.open("a") as ledger:
            ledger.write(f"{channel}\n")
        return place


def killing(engine: object, at: int) -> None:
    """The signal comes when the transaction is complete but not committed."""
    seen = [0]

    def on_commit(_connection: object) -> None:
        seen[0] += 1
        if seen[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "commit", on_commit)


async def main(url: str, business: str, at: str, ledger: str, now: str) -> None:
    database = Database(new_engine(url))
    clock = FrozenClock(datetime.fromisoformat(now))
    stage = Stage(database, UUID(business), clock, Ledger(Path(ledger)))
    killing(database.engine.sync_engine, int(at))
    await stage.run()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
