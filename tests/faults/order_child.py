"""A worker process that carries out one ordered row after another and is killed, for good, at the commit it is told.

Reads lines "business row at kill_at" and answers each with how the attempt ended: -9 for killed, 0 for done.
"""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog

from bot.views.blocks import Message
from kit.clock import FrozenClock
from kit.db import Database, new_engine
from tests.faults.digest_process import killing
from tests.integration.digest.clicked import Replies
from tests.integration.digest.stage import Stage
from tests.waiting import until
from workers import import_all
from workers.actor import run_next


class Ledger(Replies):
    """What Slack took stays on disk, whatever happens to this process."""

    async def respond(self, url: str, message: Message, *, replace: bool) -> bool:
        taken = await super().respond(url, message, replace=replace)
        self._write("replied", message)
        return taken

    async def whisper(self, business: UUID, channel: str, person: str, message: Message) -> None:
        self._write("whispered", message)

    def _write(self, how: str, message: Message) -> None:
        with Path(os.environ["LEDGER"]).open("a") as ledger:
            ledger.write(f"{how}: {str(message.text).splitlines()[0]}\n")


async def attempt(business: UUID, row: UUID, at: datetime, kill_at: int) -> None:
    database = Database(new_engine(os.environ["DATABASE"]))
    tools = replace(Stage(database, business, FrozenClock(at)).tools(), messenger=Ledger())
    killing(database.engine.sync_engine, kill_at)
    # The server may need a moment to see that the one before was killed, and to let go of what it held.
    await until(lambda: run_next(tools, only=row))
    await database.close()


def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answers
    import_all()
    for line in sys.stdin:
        business, row, at, kill_at = line.split()
        child = os.fork()
        if child == 0:
            asyncio.run(attempt(UUID(business), UUID(row), datetime.fromisoformat(at), int(kill_at)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
