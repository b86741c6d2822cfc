"""Dramatiq on Redis, used for the one thing it does best: waking a worker at once.

A message carries an outbox id and nothing else. Retries, delays, results and time limits of the broker stay unused:
each was seen to lose, double or strand work when a process or Redis died.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import structlog
import uvloop
from dramatiq import Broker, Message, Worker
from dramatiq.asyncio import EventLoopThread, set_event_loop_thread
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

QUEUE = "outbox"
ACTOR = "run_outbox_row"
# A dead worker's messages return after one heartbeat timeout, checked on every poll instead of one in a thousand.
HEARTBEAT_TIMEOUT_MS = 15_000
CHECK_ALWAYS = 1_000_000
PATIENCE_S = 0.25
SULK_S = 5.0
PATIENCE_TO_START_S = 10.0

log = structlog.get_logger(__name__)


class FastLoop(AsyncIO):
    """The loop of all our processes in place of Python's own: a sync stores a twentieth more rows a second on it."""

    def before_worker_boot(self, _broker: Broker, _worker: Worker) -> None:
        thread = EventLoopThread(self.logger)
        thread.daemon = True  # one that starts too late for us keeps no process alive that has given up
        thread.loop.close()
        thread.loop = uvloop.new_event_loop()
        thread.start(timeout=PATIENCE_TO_START_S)
        set_event_loop_thread(thread)


def new_broker(redis_url: str) -> RedisBroker:
    """A broker that fails fast: nobody's request waits for Redis."""
    client = Redis.from_url(
        redis_url, retry=Retry(NoBackoff(), 0), socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
    )
    broker = RedisBroker(  # type: ignore[no-untyped-call]  # dramatiq leaves this one signature bare
        client=client,
        middleware=[FastLoop()],
        heartbeat_timeout=HEARTBEAT_TIMEOUT_MS,
        maintenance_chance=CHECK_ALWAYS,
    )
    broker.declare_queue(QUEUE)
    return broker


class Hinter:
    """Tells the workers about new rows, from a thread of its own; what it loses the sweeper finds.

    After a failure it keeps quiet for a while, so that a hanging Redis costs one wait and not one per row.
    """

    def __init__(self, broker: RedisBroker) -> None:
        self._broker = broker
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hints")
        self._quiet_until = 0.0

    def __call__(self, rows: Sequence[UUID]) -> None:
        self._thread.submit(self._send, tuple(rows))

    def _send(self, rows: tuple[UUID, ...]) -> None:
        if time.monotonic() < self._quiet_until:
            return
        try:
            for row in rows:
                message = Message[None](queue_name=QUEUE, actor_name=ACTOR, args=(str(row),), kwargs={}, options={})
                self._broker.enqueue(message)
        except RedisError as error:
            self._quiet_until = time.monotonic() + SULK_S
            log.warning("hint.lost", error=type(error).__name__, rows=len(rows))

    def close(self) -> None:
        self._thread.shutdown(wait=True)
