"""Measures what the mirror promises: rows stored a second, requests, memory, and the same against the peers.

All contenders of a run read the same company from the same stand-in, one after the other, each in its own process; the
best of three turns counts, for us and for those we are measured against, as other work on the machine only ever adds.
Rows per second of our own processor say the same whatever else runs; the load before the run is printed beside them.
`--quick` leaves out what takes minutes: the large mixed company and the runs with the vendor's own limits.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from kit.embedded import EmbeddedServices

TAP = "tap-quickbooks==2.5.0"
OURS, PEERS = "benchmarks.sync_ours", "benchmarks.sync_peers"
TURNS = 3
ALLOWED_PER_S, ALLOWED_PER_MIN, BURST = 8, 400, 90


@dataclass(frozen=True, slots=True)
class Promise:
    """`measured` must reach `floor`, or stay under `ceiling`."""

    name: str
    measured: float
    unit: str
    floor: float | None = None
    ceiling: float | None = None

    @property
    def kept(self) -> bool:
        return (self.floor is None or self.measured >= self.floor) and (
            self.ceiling is None or self.measured <= self.ceiling
        )

    def __str__(self) -> str:
        limit = f"≥ {self.floor:,.1f}" if self.floor is not None else f"≤ {self.ceiling:,.1f}"
        return f"{'kept  ' if self.kept else 'BROKEN'}  {self.name}: {self.measured:,.1f} {self.unit} ({limit})"


@dataclass(frozen=True, slots=True)
class Stand:
    """The running stand-in."""

    url: str
    realm: str
    rows: int

    def ask(self, path: str, body: dict[str, object] | None = None) -> Any:
        method = "GET" if body is None else "POST"
        return httpx.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=60, trust_env=False).json()

    def requests(self) -> int:
        """Accepted ones, without those for tokens."""
        return sum(1 for one in self.ask(f"ledger?realm={self.realm}")["entries"])


@contextmanager
def standing(kind: str, count: int, *, latency: float = 0, limits: bool = False) -> Iterator[Stand]:
    command = [sys.executable, "-m", "benchmarks.sync_server", kind, str(count), "--latency", str(latency)]
    with subprocess.Popen([*command, *(["--limits"] if limits else [])], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            yield Stand(**json.loads(server.stdout.readline()))
        finally:
            server.terminate()


def contend(module: str, stand: Stand, facts: dict[str, str], *words: str) -> dict[str, float]:
    """One contender against the stand-in, with a connection of its own."""
    pair = stand.ask("tokens", {"do": "connect", "realm": stand.realm})
    tokens = {"token": pair["access_token"], "refresh": pair["refresh_token"]}
    before = stand.requests()
    told = json.dumps({"url": stand.url, "realm": stand.realm, **tokens, **facts})
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, "FACTS": told})
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    found["seen_requests"] = stand.requests() - before
    print(json.dumps({"contender": " ".join(words) or "runway", **found}), flush=True)
    return found


def first_sync(stand: Stand, *, paced: bool) -> dict[str, float]:
    """Ours, on a database of its own: no turn pays for what the server cleans up after the one before."""
    with tempfile.TemporaryDirectory() as home, EmbeddedServices(Path(home) / "services", durable=False) as urls:
        return contend(OURS, stand, {**asdict(urls), "paced": "yes" if paced else ""})


def best(turn: Callable[[], dict[str, float]], turns: int = TURNS) -> dict[str, float]:
    """The fastest of them."""
    return max((turn() for _ in range(turns)), key=_rate)


def storing(home: Path, kind: str, count: int, tap: Path | None) -> list[Promise]:
    """No latency, no limits: how fast rows are read, checked, logged and stored, against those who do less."""
    with standing(kind, count) as stand:
        ours = best(lambda: first_sync(stand, paced=False))
        objects = best(lambda: contend(PEERS, stand, {}, "python-quickbooks"))
        name, rate = f"{count:,} {kind}", _rate(ours)
        promises = [
            Promise(f"{name}: rows stored", rate, "rows/s", floor=20_000),
            Promise(f"{name}: rows per second of our processor", _effort(ours), "rows/s", floor=25_000),
            Promise(f"{name}: memory", ours["rss_mib"], "MiB", ceiling=512),
            Promise(f"{name}: an unchanged sync", ours["again_requests"], "request", ceiling=1),
            Promise(f"{name}: against python-quickbooks, which stores nothing", rate / _rate(objects), "×", floor=1),
        ]
        if tap is not None:
            contend(PEERS, stand, {}, "python-quickbooks", "again")
            singer = _tapped(home, stand, tap)
            ratio = rate / _rate(singer)
            promises.append(Promise(f"{name}: against tap-quickbooks, which writes a file", ratio, "×", floor=10))
        return promises


def _tapped(home: Path, stand: Stand, tap: Path, *, turns: int = TURNS) -> dict[str, float]:
    facts = {"tap": str(tap), "home": str(home)}
    found = best(lambda: contend(PEERS, stand, facts, "tap-quickbooks"), turns)
    contend(PEERS, stand, facts, "tap-quickbooks", "again")
    return found


def limited(home: Path, count: int, tap: Path | None) -> list[Promise]:
    """150 ms a request and the vendor's own limits: the time is that of the requests we are allowed."""
    with standing("bills", count, latency=0.15, limits=True) as stand:
        ours = first_sync(stand, paced=True)
        objects = contend(PEERS, stand, {}, "python-quickbooks")
        bound, name = allowed_seconds(int(ours["requests"])), "150 ms and real limits"
        promises = [
            Promise(f"{name}: against the bound", ours["seconds"] / bound, "×", ceiling=1.2),
            Promise(f"{name}: against python-quickbooks", _rate(ours) / _rate(objects), "×", floor=1),
        ]
        if tap is not None:
            time.sleep(60)  # the limits of the minute are the realm's, whoever spent them
            promises += _against_a_tap_that_may_give_up(home, stand, tap, name, _rate(ours))
        return promises


def _against_a_tap_that_may_give_up(home: Path, stand: Stand, tap: Path, name: str, rate: float) -> list[Promise]:
    """It waits for a random part of a minute when it is told to slow down, three times at most."""
    try:
        singer = _tapped(home, stand, tap, turns=1)
    except subprocess.CalledProcessError:
        print(json.dumps({"contender": "tap-quickbooks", "gave_up": name}))
        return []
    return [Promise(f"{name}: against tap-quickbooks", rate / _rate(singer), "×", floor=1)]


def allowed_seconds(requests: int) -> float:
    """The least time for so many requests at the pace we keep."""
    return max((requests - 2) / ALLOWED_PER_S, (requests - BURST) * 60 / ALLOWED_PER_MIN)


def _rate(found: dict[str, float]) -> float:
    return found["rows"] / found["seconds"]


def _effort(found: dict[str, float]) -> float:
    return found["rows"] / found["processor_seconds"]


def tap_python(home: Path) -> Path | None:
    """A venv with singer's tap, made for this run; None where it cannot be had."""
    venv.create(home / "tap", with_pip=True)
    python = home / "tap" / "bin" / "python"
    made = subprocess.run([python, "-m", "pip", "install", "-q", TAP, "setuptools<80"], check=False)
    return python if made.returncode == 0 else None


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench_sync")
    parser.add_argument("--bills", type=int, default=50_000)
    parser.add_argument("--mixed", type=int, default=200_000)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    print(json.dumps({"load": os.getloadavg()[0], "processors": os.cpu_count()}))
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        tap = None if options.quick else tap_python(home)
        promises = storing(home, "bills", options.bills, tap)
        if not options.quick:
            promises += storing(home, "mixed", options.mixed, tap)
            promises += limited(home, options.bills, tap)
    for promise in promises:
        print(promise)
    return 0 if all(promise.kept for promise in promises) else 1


if __name__ == "__main__":
    sys.exit(main())
