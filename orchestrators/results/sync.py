"""The link to QuickBooks and the history of syncs, for people who look after them."""

from dataclasses import dataclass
from datetime import datetime

from domains.freshness import Freshness
from domains.sync_history import Kind, RunState
from orchestrators.results.basis import Health


@dataclass(frozen=True, slots=True)
class EntityLine:
    """One kind of record in the mirror. `quarantined` arrived and could not be read."""

    entity: str
    rows: int
    tombstones: int
    quarantined: int
    last_synced: datetime | None
    state: Freshness


@dataclass(frozen=True, slots=True)
class RunLine:
    """`reason` is why it waits or failed, in plain words; `reference` what support of QuickBooks asks for.

    `reads` is what Intuit bills: a batch of queries is one request and as many reads.
    """

    run_id: str
    kind: Kind
    actor: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    requests: int
    reads: int
    changed: int
    deleted: int
    reason: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class SyncStatusResult:
    """`reads_this_month` is what Intuit bills for this business; `consent_ends_at` is told from 30 days ahead."""

    company: str | None
    health: Health
    entities: tuple[EntityLine, ...]
    runs: tuple[RunLine, ...]
    reads_this_month: int
    last_success_at: datetime | None
    consent_ends_at: datetime | None
    may_start: bool
