"""What the scheduler asks again and again: "is anything due?".

The answer is rows under unique keys, so any number of schedulers may ask.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.tools import Tools

Ask = Callable[[Tools], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tick:
    name: str
    seconds: int
    ask: Ask


TICKS: list[Tick] = []


def every(seconds: int) -> Callable[[Ask], Ask]:
    """Ask at this pace in every scheduler process; asking twice must be harmless."""

    def register(ask: Ask) -> Ask:
        TICKS.append(Tick(ask.__qualname__, seconds, ask))
        return ask

    return register
