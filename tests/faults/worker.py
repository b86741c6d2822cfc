"""`runway work` with the jobs of the fault tests; everything else is the real thing.

An argument shortens the watchdog's patience to so many seconds.
"""

import sys
from functools import partial

from kit.config import load_settings
from kit.log import configure_logging
from tests.faults import jobs
from workers import main
from workers.process import Watchdog

if __name__ == "__main__":
    assert jobs.Strike.__name__ in jobs.Strike.kinds
    if len(sys.argv) > 1:
        main.Watchdog = partial(Watchdog, stuck_after=float(sys.argv[1]))  # type: ignore[attr-defined, assignment]
    settings = load_settings()
    configure_logging("info", "json", "worker")
    main.work(settings)
