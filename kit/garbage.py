"""How often a process looks for garbage: books are many small objects without cycles, and each look walks them all."""

import gc
from typing import Final

YOUNG: Final = 50_000  # Python's own 700 is meant for scripts


def collect_rarely() -> None:
    """Once per process, when its modules are loaded: these are never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
