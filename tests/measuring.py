"""Which of the real processes that tests start are measured: they take several times as long then, so only some are."""

import os

NAMES = ("COVERAGE_PROCESS_START", "COVERAGE_FILE")

# What a process is started with that is to be measured; nothing where nobody measures.
MEASURED: dict[str, str] = {}


def start_children_unmeasured() -> None:
    """From now on only who is given `MEASURED` is. xdist's own parent still hands it on to its workers."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        MEASURED.update({name: os.environ.pop(name) for name in NAMES if name in os.environ})
