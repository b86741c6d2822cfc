"""What can be chosen when a stand-in starts; everything else is steered through `/_sandbox/…` while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import httpx

from sandbox.books.company import Company


class TokenMode(StrEnum):
    """What happens to a refresh token's old value.

    STRICT: changes every 24 h, the old value dies at once. GRACE_24H: the old value lives on for a day.
    ALWAYS_ROTATE: every refresh changes it.
    """

    STRICT = "strict"
    GRACE_24H = "grace24h"
    ALWAYS_ROTATE = "always-rotate"


class WebhookFormat(StrEnum):
    CLOUD_EVENTS = "cloudevents"
    EVENT_NOTIFICATIONS = "eventnotifications"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class QboSandboxConfig:
    """`redirect_uris` are matched exactly; none listed means none is accepted."""

    companies: tuple[Company, ...] = ()
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"
    redirect_uris: tuple[str, ...] = ()
    now: Callable[[], datetime] = _utc_now
    seed: int = 0
    token_mode: TokenMode = TokenMode.STRICT
    access_token_life: timedelta = timedelta(seconds=3600)
    refresh_token_life: timedelta = timedelta(seconds=8_726_400)
    hard_life: timedelta = timedelta(days=5 * 365)
    rate_limits: bool = False
    monthly_reads: int | None = None
    compress: bool = True
    latency_seconds: float = 0
    lenient_cdc: bool = False
    verifier_token: str = "sandbox-verifier"
    webhook_url: str | None = None
    webhook_format: WebhookFormat = WebhookFormat.CLOUD_EVENTS
    webhook_delay_seconds: float = 1.0
    webhook_retry_seconds: tuple[float, ...] = (1.0, 1.5, 2.5)
    webhook_transport: httpx.AsyncBaseTransport | None = field(default=None, compare=False)
