"""`python -m benchmarks [name ...]`: every bench, or those named, one after the other, each in a process of its own.

A bench is a module `bench_<name>` that prints what it measured and ends with 1 when a promise is broken. What follows
`--` goes to the bench (`python -m benchmarks sync -- --quick`).
"""

import json
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
# None takes so long; a bench that hangs must not hang whoever waits for all of them.
LONGEST_S = 1800.0


def names() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def run(name: str, words: list[str]) -> bool:
    """Whether every promise of the bench was kept; what it said stands above this one's line."""
    began = time.monotonic()
    command = [sys.executable, "-m", f"benchmarks.bench_{name}", *words]
    try:
        status = subprocess.run(command, check=False, timeout=LONGEST_S, cwd=HERE.parent).returncode
    except subprocess.TimeoutExpired:
        status = -1
    took = round(time.monotonic() - began, 1)
    print(json.dumps({"bench": name, "kept": status == 0, "seconds": took}), flush=True)
    return status == 0


def main(arguments: list[str]) -> int:
    at = arguments.index("--") if "--" in arguments else len(arguments)
    wanted, words, known = arguments[:at], arguments[at + 1 :], names()
    if unknown := [name for name in wanted if name not in known]:
        print(f"There is no bench called {', '.join(unknown)}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    kept = [run(name, words) for name in wanted or known]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
