"""Whoever waits for the loop gets a turn in the middle of long work."""

import asyncio
import threading

from kit.turns import LARGE, TURN, aside, in_turns


async def test_somebody_else_gets_a_turn_in_the_middle_of_many_items() -> None:
    answered = asyncio.Event()
    click = asyncio.create_task(_set(answered))
    seen = await in_turns(lambda _: answered.is_set(), range(2 * TURN))
    assert (seen[0], seen[-1]) == (False, True)
    await click


async def _set(event: asyncio.Event) -> None:
    event.set()


async def test_nothing_is_lost_or_changed_in_its_order() -> None:
    assert await in_turns(lambda one: -one, range(5 * TURN + 1)) == [-one for one in range(5 * TURN + 1)]


async def test_what_cannot_give_way_leaves_the_loop_only_when_it_is_much() -> None:
    here = threading.get_ident()
    assert await aside(threading.get_ident, size=LARGE) == here
    assert await aside(threading.get_ident, size=LARGE + 1) != here
