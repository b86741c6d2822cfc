"""A way to Postgres on which every question takes longer, or one is held, by as much as a test says at the moment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote


@dataclass
class Held:
    """The next question with these words: `reached` when it is under way, sent on when `released`."""

    words: bytes
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Slow:
    """`url` is the same database on the slow way."""

    url: str
    seconds: float
    held: Held | None = None
    ways: list[asyncio.StreamWriter] = field(default_factory=list)

    def cut(self) -> None:
        """Every connection ends in the middle of what it carries."""
        for writer in self.ways:
            writer.close()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asking: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while part := await reader.read(65536):
                if asking:
                    await self._wait(part)
                writer.write(part)
                await writer.drain()
        writer.close()

    async def _wait(self, part: bytes) -> None:
        await asyncio.sleep(self.seconds)
        held = self.held
        if held is not None and held.words in part:
            self.held = None
            held.reached.set()
            await held.released.wait()


@asynccontextmanager
async def slowed(url: str, home: Path, seconds: float) -> AsyncIterator[Slow]:
    """For a URL of a unix socket, as the embedded Postgres has."""
    folder = unquote(url.partition("host=")[2])
    slow = Slow(url.replace(quote(folder), quote(str(home / "slow"))), seconds)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        slow.ways += [writer, back]
        with contextlib.suppress(asyncio.CancelledError):  # how a connection ends that outlives the test
            await asyncio.gather(slow.carry(reader, back, asking=True), slow.carry(there, writer, asking=False))

    await asyncio.to_thread((home / "slow").mkdir)
    server = await asyncio.start_unix_server(serve, home / "slow" / ".s.PGSQL.5432")
    try:
        yield slow
    finally:
        server.close()
