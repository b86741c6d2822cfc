"""Operators see whether the process is alive, whether it is fit, and what it counted."""

from collections.abc import Sequence

import httpx
import pytest

from kit.metrics import Metrics, ops_app


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
