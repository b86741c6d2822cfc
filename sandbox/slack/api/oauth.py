"""Who a token belongs to, and how tokens are got, renewed and given up."""

from typing import Any

from sandbox.slack import installs
from sandbox.slack.api.call import Args, Call, SlackError, method
from sandbox.slack.events import announce
from sandbox.slack.model import Grant, Installation, Token

JsonObject = dict[str, Any]


@method("auth.test", tier=5)
async def auth_test(call: Call) -> JsonObject:
    world = call.sandbox.world
    team, bot = world.teams[call.team_id], world.people[call.bot_id]
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": bot.name,
        "team_id": team.id,
        "user_id": bot.id,
        "bot_id": bot.bot_id,
        "is_enterprise_install": bool(call.sandbox.settings.enterprise),
        "enterprise_id": call.sandbox.settings.enterprise or None,
    }


@method("oauth.v2.access", auth="none")
async def oauth_v2_access(call: Call) -> JsonObject:
    _check_client(call)
    if call.args.text("grant_type") == "refresh_token":
        return _refresh(call)
    if call.args.text("grant_type") not in {"", "authorization_code"}:
        raise SlackError("invalid_grant_type")
    grant = _take_code(call)
    installation = installs.install(call.sandbox, grant.team_id, grant.user_id, grant.scopes)
    return _granted(call, installation, *installs.issue_tokens(call.sandbox, installation))


@method("auth.revoke", tier=3)
async def auth_revoke(call: Call) -> JsonObject:
    if call.args.flag("test"):
        return {"revoked": False}
    installs.revoke_tokens(call.sandbox, call.team_id)
    _announce_revoked(call)
    return {"revoked": True}


@method("apps.uninstall", tier=1)
async def apps_uninstall(call: Call) -> JsonObject:
    settings = call.sandbox.settings
    if call.args.text("client_id") != settings.client_id:
        raise SlackError("client_id_token_mismatch" if "client_id" in call.args else "invalid_client_id")
    if call.args.text("client_secret") != settings.client_secret:
        raise SlackError("bad_client_secret")
    installs.uninstall(call.sandbox, call.installation)
    announce(call.sandbox, call.team_id, {"type": "app_uninstalled"}, past_end=True)
    _announce_revoked(call)
    return {}


@method("apps.connections.open", tier=1, auth="app")
async def apps_connections_open(call: Call) -> JsonObject:
    sandbox = call.sandbox
    ticket = sandbox.world.next_secret("ticket")
    sandbox.sockets.tickets.add(ticket)
    return {"url": f"{sandbox.base_url.replace('http', 'ws', 1)}/link?ticket={ticket}"}


def _announce_revoked(call: Call) -> None:
    event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [call.bot_id]}}
    announce(call.sandbox, call.team_id, event, past_end=True)


def _check_client(call: Call) -> None:
    basic_id, basic_secret = call.basic
    settings, args = call.sandbox.settings, call.args
    if (basic_id or args.text("client_id")) != settings.client_id:
        raise SlackError("invalid_client_id")
    if (basic_secret or args.text("client_secret")) != settings.client_secret:
        raise SlackError("bad_client_secret")


def _take_code(call: Call) -> Grant:
    world = call.sandbox.world
    grant = world.grants.get(call.args.text("code"))
    if grant is None or grant.used or grant.expires_at < world.clock.now():
        raise SlackError("invalid_code")
    if not _same_redirect(grant, call.args):
        raise SlackError("bad_redirect_uri")
    grant.used = True
    return grant


def _same_redirect(grant: Grant, args: Args) -> bool:
    """The URI given at the consent page must be repeated here, and only that one."""
    return args.text("redirect_uri") == grant.redirect_uri or (not grant.redirect_uri and "redirect_uri" not in args)


def _refresh(call: Call) -> JsonObject:
    world = call.sandbox.world
    token = world.tokens.get(call.args.text("refresh_token"))
    if token is None or token.kind != "refresh" or token.state != "live":
        raise SlackError("invalid_refresh_token")
    token.state = "used"
    installation = world.installations[token.team_id]
    return _granted(call, installation, *installs.issue_tokens(call.sandbox, installation))


def _granted(call: Call, installation: Installation, access: Token, refresh: Token | None) -> JsonObject:
    team, settings = call.sandbox.world.teams[installation.team_id], call.sandbox.settings
    answer: JsonObject = {
        "access_token": access.value,
        "token_type": "bot",
        "scope": ",".join(access.scopes),
        "bot_user_id": installation.bot_user_id,
        "app_id": call.sandbox.settings.app_id,
        "team": None if settings.enterprise else {"id": team.id, "name": team.name},
        "enterprise": settings.enterprise_json,
        "is_enterprise_install": bool(settings.enterprise),
        "authed_user": {"id": installation.installed_by},
    }
    if refresh is not None:
        answer |= {"refresh_token": refresh.value, "expires_in": call.sandbox.settings.token_life}
    return answer
