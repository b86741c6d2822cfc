"""A process of its own that serves one large company as QuickBooks would, for all contenders of one run."""

import argparse
import asyncio
import json
import signal
import sys
from datetime import date

from sandbox.books.bulk import bulk_bills, bulk_mixed
from sandbox.qbo import create_app
from sandbox.qbo.config import QboSandboxConfig
from sandbox.serving import bind, serving, url_of

TODAY = date(2026, 11, 18)


async def serve(kind: str, count: int, latency: float, *, limits: bool) -> None:
    company = bulk_bills(count, TODAY) if kind == "bills" else bulk_mixed(count, TODAY)
    config = QboSandboxConfig((company,), latency_seconds=latency, rate_limits=limits)
    listener, stop = bind(0), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serving(create_app(config), listener):
        rows = sum(len(table) for table in company.tables.values())
        sys.stdout.write(json.dumps({"url": url_of(listener), "realm": company.realm, "rows": rows}) + "\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("bills", "mixed"))
    parser.add_argument("count", type=int)
    parser.add_argument("--latency", type=float, default=0)
    parser.add_argument("--limits", action="store_true")
    options = parser.parse_args()
    asyncio.run(serve(options.kind, options.count, options.latency, limits=options.limits))
