"""users.* and bots.info: who is who."""

from typing import Any

from sandbox.slack import people
from sandbox.slack.api.call import Call, SlackError, method
from sandbox.slack.api.conversations import take_page
from sandbox.slack.api.target import get_person

JsonObject = dict[str, Any]


def _sees_email(call: Call) -> bool:
    return call.token is not None and "users:read.email" in call.token.scopes


@method("users.info", "users:read")
async def users_info(call: Call) -> JsonObject:
    person = get_person(call, call.args.need("user"))
    user = people.user_json(person, call.team_id, with_email=_sees_email(call))
    if call.args.flag("include_locale"):
        user["locale"] = "en-US"
    return {"user": user}


@method("users.list", "users:read", tier=2)
async def users_list(call: Call) -> JsonObject:
    if call.sandbox.settings.enterprise and not call.args.text("team_id"):
        raise SlackError("missing_argument")  # an organisation's token does not say whose people are meant
    page, cursor = take_page(call, people.list_people(call.sandbox.world, call.team_id))
    members = [people.user_json(one, call.team_id, with_email=_sees_email(call)) for one in page]
    return {
        "members": members,
        "cache_ts": int(call.sandbox.world.clock.now()),
        "response_metadata": {"next_cursor": cursor},
    }


@method("bots.info", "users:read", tier=3)
async def bots_info(call: Call) -> JsonObject:
    bot = call.sandbox.world.people[call.bot_id]
    if call.args.text("bot") not in {"", bot.bot_id}:
        raise SlackError("bot_not_found")
    shown = {"id": bot.bot_id, "deleted": bot.deleted, "name": bot.real_name, "updated": bot.updated}
    return {"bot": {**shown, "app_id": call.sandbox.settings.app_id, "user_id": bot.id}}


@method("team.info", "team:read", tier=3)
async def team_info(call: Call) -> JsonObject:
    team = call.sandbox.world.teams[call.team_id]
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": ""}}
