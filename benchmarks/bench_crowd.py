"""Eight people click different verbs on the same bills at once: how soon each is answered, and what they are told.

`python -m benchmarks crowd -- 500` takes five hundred bills; without a number there are forty. Slack lets a workspace
open some sixty forms a minute, and two or three people open one for each bill: that is what five hundred wait for.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.e2e.crowd import Crowd, Said, gathered, losers_told
from tests.e2e.world import open_world, until

BILLS = 40
SLACK_WAITS_MS = 2_500.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds, from request to acknowledgement and from the decision to the last copy that tells it.

    `asked_again`: told that it took too long, and tried once more. `untold`: second, and did not read who was first.
    """

    bills: int
    answers: int
    p50: float
    p99: float
    worst: float
    asked_again: int
    winners: int
    twice_won: int
    untold: int
    errors: int
    dead_jobs: int
    redraw: float
    seconds: float

    @property
    def kept(self) -> bool:
        sound = self.winners == self.bills and not (self.twice_won or self.untold or self.errors or self.dead_jobs)
        return sound and self.worst <= SLACK_WAITS_MS


async def run(home: Path, bills: int) -> Measured:
    async with open_world(home, "--join", "finance") as world, gathered(world, bills) as (crowd, refs):
        await crowd.quiet(120)
        began = time.monotonic()
        said = await crowd.decide_all(refs)
        seconds = time.monotonic() - began
        await crowd.quiet(600)
        return await _measured(crowd, said, bills, redraw=await _redraw(crowd), seconds=seconds)


async def _redraw(crowd: Crowd) -> float:
    """One decision on a calm installation, until everybody's message tells it."""
    known = await crowd.story(crowd.people[0])
    began = time.monotonic()
    await crowd.click(crowd.people[0], "Approve", 0)

    async def told() -> bool:
        stories = [await crowd.story(person) for person in crowd.people]
        return all(len(story) > len(known) and story == stories[0] for story in stories)

    await until(told)
    return round((time.monotonic() - began) * 1000, 1)


async def _measured(crowd: Crowd, said: list[Said], bills: int, *, redraw: float, seconds: float) -> Measured:
    times, wins = sorted(crowd.latencies), Counter(one.ref for one in said if one.won)
    dead = await crowd.rows("SELECT 1 FROM outbox WHERE dead_at IS NOT NULL")
    return Measured(
        bills=bills,
        answers=len(times),
        p50=times[len(times) // 2],
        p99=times[int(len(times) * 0.99)],
        worst=times[-1],
        asked_again=crowd.retries,
        winners=len(wins),
        twice_won=sum(count > 1 for count in wins.values()),
        untold=len(losers_told(said)),
        errors=len(await crowd.errors()),
        dead_jobs=len(dead),
        redraw=redraw,
        seconds=round(seconds, 1),
    )


def main(words: list[str]) -> int:
    """0 when every bill had one winner, everybody was told who, and Slack was always answered in time."""
    bills = int(words[0]) if words else BILLS
    with tempfile.TemporaryDirectory() as name:
        found = asyncio.run(run(Path(name), bills))
    print(json.dumps(asdict(found) | {"kept": found.kept}), flush=True)
    return 0 if found.kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
