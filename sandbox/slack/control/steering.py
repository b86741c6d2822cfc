"""Settings, clock, faults, limits, raw events: how the stand-in behaves."""

import asyncio
from dataclasses import asdict, fields, replace
from typing import Any

from sandbox.slack import events
from sandbox.slack.acts import result_of
from sandbox.slack.config import AppSettings, SlashCommand, read_manifest
from sandbox.slack.control.ask import Ask, BadAsk

JsonObject = dict[str, Any]

_TUPLES = ("redirect_urls", "scopes", "events")


async def show_settings(ask: Ask) -> JsonObject:
    return {"settings": asdict(ask.sandbox.settings)}


async def change_settings(ask: Ask) -> JsonObject:
    settings = ask.sandbox.settings
    if isinstance(ask.values.get("manifest"), dict):
        settings = read_manifest(settings, ask.values["manifest"])
    known = {one.name for one in fields(AppSettings)}
    unknown = ask.values.keys() - known - {"manifest"}
    if unknown:
        raise BadAsk(f"unknown settings: {', '.join(sorted(unknown))}")
    given = {key: value for key, value in ask.values.items() if key in known}
    given |= {key: tuple(given[key]) for key in _TUPLES if key in given}
    if "commands" in given:
        given["commands"] = tuple(SlashCommand(**one) for one in given["commands"])
    ask.sandbox.settings = replace(settings, **given)
    ask.sandbox.changed("settings")
    return await show_settings(ask)


async def advance_clock(ask: Ask) -> JsonObject:
    return {"now": ask.sandbox.world.clock.advance(float(ask.need("advance")))}


async def list_faults(ask: Ask) -> JsonObject:
    return ask.sandbox.faults.list_all()


async def add_fault(ask: Ask) -> JsonObject:
    if "reject_blocks" in ask.values:
        ask.sandbox.faults.reject_blocks(ask.values["reject_blocks"])
    if "method" in ask.values:
        ask.sandbox.faults.add({key: value for key, value in ask.values.items() if key != "reject_blocks"})
    return await list_faults(ask)


async def clear_faults(ask: Ask) -> JsonObject:
    ask.sandbox.faults.clear()
    return {}


async def set_limits(ask: Ask) -> JsonObject:
    given = ask.values.get("overrides") or {}
    overrides = {name: (float(rate[0]), float(rate[1])) for name, rate in given.items()}
    ask.sandbox.limits.configure(enabled=ask.flag("enabled"), overrides=overrides)
    return {"enabled": ask.sandbox.limits.enabled, "overrides": overrides}


async def send_event(ask: Ask) -> JsonObject:
    """`copies` deliveries of one envelope, same event_id, as when Slack redelivers; `late`: it happened so long ago."""
    event, installation = ask.need("event"), ask.installation()
    if ask.flag("wait"):
        return result_of(await events.deliver_event(ask.sandbox, installation, event))
    payload = events.envelope(ask.sandbox, installation, event)
    payload["event_time"] -= int(ask.text("late", "0"))
    for _ in range(int(ask.text("copies", "1"))):
        ask.sandbox.start_task(events.send_envelope(ask.sandbox, payload))
    return {"event_id": payload["event_id"]}


async def verify_url(ask: Ask) -> JsonObject:
    return result_of(await events.verify_url(ask.sandbox))


async def disconnect_sockets(ask: Ask) -> JsonObject:
    if ask.flag("drop"):
        await ask.sandbox.sockets.drop()
    else:
        await ask.sandbox.sockets.disconnect(ask.text("reason", "refresh_requested"))
    return {}


async def settle(ask: Ask) -> JsonObject:
    async with asyncio.timeout(float(ask.text("timeout", "30"))):
        await ask.sandbox.settle()
    return {}


async def reset(ask: Ask) -> JsonObject:
    ask.sandbox.reset()
    return {}


async def save(ask: Ask) -> JsonObject:
    ask.sandbox.save()
    return {}
