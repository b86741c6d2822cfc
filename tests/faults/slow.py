"""A way to Postgres on which every question takes longer, by as much as a test says at the moment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote


@dataclass
class Slow:
    """`url` is the same database on the slow way."""

    url: str
    seconds: float

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asking: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while part := await reader.read(65536):
                if asking:
                    await asyncio.sleep(self.seconds)
                writer.write(part)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def slowed(url: str, home: Path, seconds: float) -> AsyncIterator[Slow]:
    """For a URL of a unix socket, as the embedded Postgres has."""
    folder = unquote(url.partition("host=")[2])
    slow = Slow(url.replace(quote(folder), quote(str(home / "slow"))), seconds)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        with contextlib.suppress(asyncio.CancelledError):  # how a connection ends that outlives the test
            await asyncio.gather(slow.carry(reader, back, asking=True), slow.carry(there, writer, asking=False))

    await asyncio.to_thread((home / "slow").mkdir)
    server = await asyncio.start_unix_server(serve, home / "slow" / ".s.PGSQL.5432")
    try:
        yield slow
    finally:
        server.close()
