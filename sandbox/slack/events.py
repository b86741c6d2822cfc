"""Events: the envelope, who gets it, and Slack's retries."""

import asyncio
from typing import Any

from sandbox.slack.delivery import Outcome, Parcel, deliver
from sandbox.slack.model import Installation
from sandbox.slack.sandbox import SlackSandbox

JsonObject = dict[str, Any]


def announce(sandbox: SlackSandbox, team_id: str, event: JsonObject, *, past_end: bool = False) -> None:
    """Sends an event the app subscribed to, in the background. `past_end`: also after the app was removed."""
    installation = sandbox.world.installations.get(team_id)
    if installation is None or event["type"] not in _names(sandbox, event):
        return
    if installation.active or past_end:
        sandbox.start_task(_deliver_with_retries(sandbox, envelope(sandbox, installation, event)))


async def deliver_event(sandbox: SlackSandbox, installation: Installation, event: JsonObject) -> Outcome:
    """One delivery, awaited, without retries: for tests that look at the answer."""
    return await deliver(sandbox, _parcel(envelope(sandbox, installation, event)))


def envelope(sandbox: SlackSandbox, installation: Installation, event: JsonObject) -> JsonObject:
    world, team_id = sandbox.world, installation.team_id
    event = {**event, "event_ts": event.get("event_ts") or world.clock.next_ts()}
    enterprise = sandbox.settings.enterprise or None
    owner: JsonObject = {"enterprise_id": enterprise, "team_id": None if enterprise else team_id}
    owner |= {"user_id": installation.bot_user_id, "is_bot": True, "is_enterprise_install": bool(enterprise)}
    return {
        "token": "verification-token",
        **({"enterprise_id": enterprise} if enterprise else {}),
        "team_id": team_id,
        "api_app_id": sandbox.settings.app_id,
        "type": "event_callback",
        "event_id": world.next_id("Ev"),
        "event_time": int(world.clock.now()),
        "event_context": f"4-{world.next_secret('context')}",
        "is_ext_shared_channel": _is_shared(sandbox, event),
        "authorizations": [owner],
        "event": event,
    }


async def verify_url(sandbox: SlackSandbox) -> Outcome:
    challenge = sandbox.world.next_secret("challenge")
    payload = {"token": "verification-token", "challenge": challenge, "type": "url_verification"}
    outcome = await deliver(sandbox, Parcel("event", "url_verification", payload, ""))
    if outcome.ok and challenge not in outcome.text:
        outcome.error = "challenge_failed"
    return outcome


async def send_envelope(sandbox: SlackSandbox, payload: JsonObject) -> None:
    """The same envelope again, retries included, as Slack redelivers."""
    await _deliver_with_retries(sandbox, payload)


async def _deliver_with_retries(sandbox: SlackSandbox, payload: JsonObject) -> None:
    outcome = await deliver(sandbox, _parcel(payload))
    for attempt, delay in enumerate(sandbox.retry_delays, 1):
        if outcome.ok or (outcome.no_retry and outcome.reason != "http_timeout"):
            return
        await asyncio.sleep(delay)
        outcome = await deliver(sandbox, _parcel(payload, attempt, outcome.reason))


def _parcel(payload: JsonObject, attempt: int = 0, reason: str = "") -> Parcel:
    event = payload["event"]
    user = event.get("user", "")
    user_id = user.get("id", "") if isinstance(user, dict) else user
    return Parcel("event", event["type"], payload, payload["team_id"], user_id, attempt, reason)


def _names(sandbox: SlackSandbox, event: JsonObject) -> set[str]:
    """`message` events are subscribed to per kind of channel."""
    if event["type"] != "message":
        return set(sandbox.settings.events)
    kind = {"im": "message.im", "group": "message.groups"}.get(event.get("channel_type", ""), "message.channels")
    return {"message"} if kind in sandbox.settings.events else set()


def _is_shared(sandbox: SlackSandbox, event: JsonObject) -> bool:
    channel = event.get("channel")
    found = sandbox.world.channels.get(channel) if isinstance(channel, str) else None
    return bool(found and found.is_ext_shared)
