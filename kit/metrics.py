"""What operators watch: one typed registry and the small operations app; labels never carry a tenant or a name."""

from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

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
        self.vendor_requests = Counter(
            "runway_vendor_requests", "Requests to vendors", ["vendor", "outcome"], registry=own
        )
        self.vendor_seconds = Histogram(
            "runway_vendor_seconds", "Vendor answer times", ["vendor"], buckets=SLOW, registry=own
        )
        self.loop_lag_seconds = Histogram("runway_loop_lag_seconds", "Event loop lag", buckets=FAST, registry=own)


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
