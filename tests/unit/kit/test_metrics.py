"""Operators see whether the process is alive, whether it is fit, and what it counted."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.metrics import Measured, Metrics, ops_app
from kit.serving import serving


async def asked(
    path: str, *, alive: bool = True, troubles: Sequence[str] = (), metrics: Metrics | None = None
) -> httpx.Response:
    async def ready() -> Sequence[str]:
        return troubles

    app = ops_app(lambda: alive, ready, (metrics or Metrics()).registry)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ops") as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_a_healthy_process_says_ok(path: str) -> None:
    answer = await asked(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_stuck_process_is_not_alive() -> None:
    answer = await asked("/livez", alive=False)
    assert answer.status_code == 503
    assert answer.json()["troubles"]


async def test_an_unfit_process_names_its_troubles_and_stays_alive() -> None:
    answer = await asked("/readyz", troubles=["the database does not answer"])
    assert (answer.status_code, answer.json()["troubles"]) == (503, ["the database does not answer"])
    assert (await asked("/livez", troubles=["the database does not answer"])).status_code == 200


async def test_what_was_counted_can_be_scraped() -> None:
    metrics = Metrics()
    metrics.requests.labels(route="/slack/events", status="200").inc()
    metrics.ack_seconds.labels(route="/slack/events").observe(0.02)
    metrics.outbox_dead.set(3)
    answer = await asked("/metrics", metrics=metrics)
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'runway_requests_total{route="/slack/events",status="200"} 1.0' in answer.text
    assert 'runway_ack_seconds_bucket{le="0.025",route="/slack/events"} 1.0' in answer.text
    assert "runway_outbox_dead 3.0" in answer.text


async def test_two_registries_in_one_process_do_not_mix() -> None:
    first, second = Metrics(), Metrics()
    first.outbox_dead.set(1)
    assert "runway_outbox_dead 0.0" in (await asked("/metrics", metrics=second)).text


def test_no_label_can_carry_a_tenant_or_a_name() -> None:
    labels = {label for metric in vars(Metrics()).values() for label in getattr(metric, "_labelnames", ())}
    assert labels == {"route", "status", "source", "reason", "kind", "outcome", "vendor"}


async def test_nothing_else_is_served() -> None:
    assert (await asked("/")).status_code == 404
    assert (await asked("/docs")).status_code == 404


def counted(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def answered(request: Request) -> Response:
    if request.query_params.get("broken"):
        raise RuntimeError("a bug of ours")
    return Response(status_code=int(request.query_params.get("status", "200")))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def client(metrics: Metrics) -> AsyncIterator[httpx.AsyncClient]:
    app = Measured(Starlette(routes=[Route("/slack/events", answered)]), metrics)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as opened:
        yield opened


async def test_answers_are_counted_and_timed_by_route_and_status(metrics: Metrics, client: httpx.AsyncClient) -> None:
    for query in ("", "", "?status=503", "?broken=1"):
        await client.get(f"/slack/events{query}")
    route = "/slack/events"
    assert counted(metrics, "runway_requests_total", route=route, status="200") == 2
    assert counted(metrics, "runway_requests_total", route=route, status="503") == 1
    assert counted(metrics, "runway_requests_total", route=route, status="500") == 1
    assert counted(metrics, "runway_ack_seconds_count", route=route) == 4


async def test_what_has_no_route_is_one_label_however_many_paths_are_tried(
    metrics: Metrics, client: httpx.AsyncClient
) -> None:
    for number in range(5):
        await client.get(f"/admin/{number}.php")
    assert counted(metrics, "runway_requests_total", route="other", status="404") == 5


async def test_requests_that_were_not_signed_by_who_they_say_are_counted(
    metrics: Metrics, client: httpx.AsyncClient
) -> None:
    await client.get("/slack/events?status=401")
    assert counted(metrics, "runway_bad_signatures_total", source="/slack/events") == 1


async def test_an_application_that_is_measured_starts_and_ends_as_without(metrics: Metrics) -> None:
    life = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        life.append("start")
        yield
        life.append("end")

    async with serving(Measured(Starlette(lifespan=lifespan), metrics), 0):
        assert life == ["start"]
    assert life == ["start", "end"]


async def test_calls_to_vendors_are_counted_by_how_they_ended(metrics: Metrics) -> None:
    with metrics.calling("slack"):
        pass
    with pytest.raises(ValueError, match="x"), metrics.calling("slack"):
        raise ValueError("x")
    metrics.vendor("intuit")("429", 0.3)
    outcomes = {("slack", "ok"), ("slack", "ValueError"), ("intuit", "429")}
    for vendor, outcome in outcomes:
        assert counted(metrics, "runway_vendor_requests_total", vendor=vendor, outcome=outcome) == 1
    assert counted(metrics, "runway_vendor_seconds_sum", vendor="intuit") == pytest.approx(0.3)
