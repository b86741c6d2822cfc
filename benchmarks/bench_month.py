"""A quiet business for a month, minute by minute: its first sync, each sync by the clock, each night's second look."""

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from benchmarks.bench_sync import Promise
from domains.sync_history import Kind
from kit.clock import FrozenClock
from kit.crypto import Keyring, generate_key
from kit.db import Database, new_engine
from kit.embedded import EmbeddedServices, Urls
from migrations.run import migrate
from tests.integration.mirror.quiet import BEGINS, live, reads
from tests.integration.mirror.stage import differences, mirror, staged, truth
from tests.raised import company_of

# To the last minute in which the month's meter still counts.
ENDS = BEGINS + timedelta(days=31, minutes=-1)
# The clock spreads businesses by their ids; of all, one of this share is read the most often.
SHARE = 300
REALM = "9130000000000006"


async def measure(urls: Urls) -> list[Promise]:
    await migrate(urls.database_owner_url, app_url=urls.database_url)
    db, clock, business = Database(new_engine(urls.database_url)), FrozenClock(BEGINS), UUID(int=SHARE)
    async with db.system_session() as session:
        row = text("INSERT INTO businesses (business_id, name, zone) VALUES (:id, 'Bench', 'America/Los_Angeles')")
        await session.execute(row, {"id": business})
    company = company_of("soloist", today=BEGINS.date(), realm=REALM)
    async with staged(db, Keyring.parse(generate_key("bench")), clock, (company,)) as stage:
        await stage.connect(business, REALM)
        await stage.sync(business, Kind.FULL)
        first = await reads(stage, business)
        later = await live(stage, business, ENDS)
        wrong = len(differences(truth(company), await mirror(db, business)))
    await db.close()
    return [
        Promise("reads of the first sync and the month after it", first + later, "reads", ceiling=600),
        Promise("of which by the clock: it did read", later, "reads", floor=300),
        Promise("rows that differ from the books afterwards", wrong, "rows", ceiling=0),
    ]


def main() -> int:
    with tempfile.TemporaryDirectory() as name, EmbeddedServices(Path(name) / "services", durable=False) as urls:
        promises = asyncio.run(measure(urls))
    for promise in promises:
        print(promise)
    return 0 if all(promise.kept for promise in promises) else 1


if __name__ == "__main__":
    sys.exit(main())
