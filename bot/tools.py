"""What a listener or a job works with: the process's runtime and the two roads out, to Slack and to the books."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.messenger import Messenger, open_messenger
from domains.books import Books, open_books
from kit.clock import Clock
from kit.config import Settings
from kit.crypto import Keyring
from kit.db import Database
from kit.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Tools:
    runtime: Runtime
    messenger: Messenger
    books: Books

    @property
    def settings(self) -> Settings:
        return self.runtime.settings

    @property
    def db(self) -> Database:
        return self.runtime.db

    @property
    def clock(self) -> Clock:
        return self.runtime.clock

    @property
    def keyring(self) -> Keyring:
        return self.runtime.keyring


@asynccontextmanager
async def open_tools(runtime: Runtime) -> AsyncIterator[Tools]:
    async with open_messenger(runtime) as messenger, open_books(runtime) as books:
        yield Tools(runtime, messenger, books)
