"""What operators watch: one typed registry and the small operations app; labels never carry a tenant or a name."""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5)
SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """Built once per process. Label values come from our own enumerations: routes, job kinds, vendors, outcomes."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        own = self.registry
        self.requests = Counter("runway_requests", "Requests answered", ["route", "status"], registry=own)
        self.ack_seconds = Histogram("runway_ack_seconds", "Request to answer", ["route"], buckets=FAST, registry=own)
        self.bad_signatures = Counter("runway_bad_signatures", "Requests refused unverified", ["source"], registry=own)
        self.refusals = Counter("runway_refusals", "People refused, by reason", ["reason"], registry=own)
        self.jobs = Counter("runway_jobs", "Jobs ended", ["kind", "outcome"], registry=own)
        self.job_seconds = Histogram("runway_job_seconds", "Claim to end", ["kind"], buckets=SLOW, registry=own)
        self.jobs_swept = Counter("runway_jobs_swept", "Jobs started by the sweeper, not a hint", registry=own)
        self.outbox_oldest_seconds = Gauge("runway_outbox_oldest_seconds", "Age of the oldest due job", registry=own)
        self.outbox_dead = Gauge("runway_outbox_dead", "Jobs given up and not yet retried", registry=own)
        self.invariants_broken = Gauge(
            "runway_invariants_broken", "Invariants found broken by the last look", registry=own
        )
        self.vendor_requests = Counter(
            "runway_vendor_requests", "Requests to vendors", ["vendor", "outcome"], registry=own
        )
        self.vendor_seconds = Histogram(
            "runway_vendor_seconds", "Vendor answer times", ["vendor"], buckets=SLOW, registry=own
        )
        self.loop_lag_seconds = Histogram("runway_loop_lag_seconds", "Event loop lag", buckets=FAST, registry=own)

    def vendor(self, name: str) -> Callable[[str, float], None]:
        """To be told the outcome and the seconds of each request to this vendor."""

        def observe(outcome: str, seconds: float) -> None:
            self.vendor_requests.labels(name, outcome).inc()
            self.vendor_seconds.labels(name).observe(seconds)

        return observe

    @contextmanager
    def calling(self, vendor: str) -> Iterator[None]:
        """Around one request to a vendor whose failures are exceptions."""
        began, outcome = time.monotonic(), "ok"
        try:
            yield
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            self.vendor(vendor)(outcome, time.monotonic() - began)


class Measured:
    """An application whose answers are counted and timed by route; what has no route counts as "other"."""

    def __init__(self, app: Starlette, metrics: Metrics) -> None:
        self._app: ASGIApp = app
        self._metrics = metrics
        self._known = {route.path for route in app.routes if isinstance(route, Route)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began, status = time.monotonic(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            self._count(scope["path"], status, time.monotonic() - began)
        return None

    def _count(self, path: str, status: int, seconds: float) -> None:
        route = path if path in self._known else "other"
        self._metrics.requests.labels(route, str(status)).inc()
        self._metrics.ack_seconds.labels(route).observe(seconds)
        if status == 401:
            self._metrics.bad_signatures.labels(route).inc()


Live = Callable[[], bool]
Ready = Callable[[], Awaitable[Sequence[str]]]


def ops_app(live: Live, ready: Ready, registry: CollectorRegistry) -> Starlette:
    """/livez, /readyz and /metrics for the operations port.

    `live` is false when the process should be restarted; `ready` returns one sentence per trouble, none when fit.
    """

    async def livez(_: Request) -> Response:
        return _health([] if live() else ["the process has stopped making progress"])

    async def readyz(_: Request) -> Response:
        return _health(await ready())

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)])


def _health(troubles: Sequence[str]) -> Response:
    if troubles:
        return JSONResponse({"status": "unavailable", "troubles": list(troubles)}, status_code=503)
    return JSONResponse({"status": "ok"})
