"""`runway work` with the jobs of the fault tests; everything else is the real thing.

`watchdog=S` and `finish=S` shorten its patience with a stuck loop and with what runs when it is told to go; with
`sweeper=broken` what looks for work by itself meets a bug.
"""

import sys
from functools import partial

from kit.config import load_settings
from kit.log import configure_logging
from tests.faults import jobs
from workers import main
from workers.process import Watchdog
from workers.relay import Sweeper


class BrokenSweeper(Sweeper):
    async def run(self) -> None:
        raise RuntimeError("a bug of ours")


def change(name: str, value: str) -> None:
    match name:
        case "watchdog":
            main.Watchdog = partial(Watchdog, stuck_after=float(value))  # type: ignore[attr-defined, assignment]
        case "finish":
            main.FINISH_MS = main.LAST_MS = int(float(value) * 1000)
        case "sweeper":
            main.Sweeper = BrokenSweeper  # type: ignore[attr-defined]


if __name__ == "__main__":
    assert jobs.Strike.__name__ in jobs.Strike.kinds
    for word in sys.argv[1:]:
        change(*word.split("="))
    settings = load_settings()
    configure_logging("info", "json", "worker")
    main.work(settings)
