"""`/runway`: are we okay, in one answer."""

from dataclasses import dataclass

from domains.people import Act, Caller, require
from orchestrators.base import BaseDataOrchestrator
from orchestrators.figures import headline_of
from orchestrators.results.headline import HeadlineResult


@dataclass(frozen=True, slots=True)
class HeadlineOrchestrator(BaseDataOrchestrator):
    async def get_headline(self, caller: Caller | None) -> HeadlineResult:
        """Raises `NotAllowed` for a person who may not see the books."""
        if caller is not None:
            await require(self.session, caller, Act.SEE)
        return headline_of(await self.load())
