"""Installing the app into a workspace: bot user, tokens, rotation, and the end of it all."""

from sandbox.slack.model import Grant, Installation, Person, Token
from sandbox.slack.sandbox import SlackSandbox

CODE_LIFE = 600


def find_installation(sandbox: SlackSandbox, team_id: str) -> Installation | None:
    found = sandbox.world.installations.get(team_id)
    return found if found is not None and found.active else None


def issue_code(sandbox: SlackSandbox, team_id: str, user_id: str, scopes: list[str], redirect_uri: str) -> Grant:
    world = sandbox.world
    code = f"{world.next_number('code')}.{world.next_secret('code')}"
    grant = Grant(code, team_id, user_id, scopes, redirect_uri, world.clock.now() + CODE_LIFE)
    world.grants[code] = grant
    return grant


def install(sandbox: SlackSandbox, team_id: str, user_id: str, scopes: list[str]) -> Installation:
    """Installs or re-installs; a re-install keeps the bot user and adds scopes, as Slack does."""
    world = sandbox.world
    found = world.installations.get(team_id)
    if found is None:
        bot = _add_bot_user(sandbox, team_id)
        found = Installation(team_id, bot.id, bot.bot_id, scopes, user_id, world.clock.now())
        world.installations[team_id] = found
    else:
        kept = found.scopes if found.active else []
        found.scopes = list(dict.fromkeys([*kept, *scopes]))
        found.installed_by, found.installed_at, found.active = user_id, world.clock.now(), True
        world.people[found.bot_user_id].deleted = False
    _auto_join(sandbox, found)
    sandbox.changed("install", team=team_id)
    return found


def issue_tokens(sandbox: SlackSandbox, installation: Installation) -> tuple[Token, Token | None]:
    """A bot token; with rotation switched on one that expires, and a single-use refresh token."""
    if not sandbox.settings.token_rotation:
        return _steady_token(sandbox, installation), None
    expires = sandbox.world.clock.now() + sandbox.settings.token_life
    access = _add_token(sandbox, installation, "bot", "xoxe.xoxb-1-", expires)
    return access, _add_token(sandbox, installation, "refresh", "xoxe-1-", 0.0)


def uninstall(sandbox: SlackSandbox, installation: Installation) -> None:
    installation.active = False
    bot = sandbox.world.people[installation.bot_user_id]
    bot.deleted = True
    for token in list_tokens(sandbox, installation.team_id):
        token.state = "account_inactive"
    for channel in sandbox.world.channels.values():
        if not channel.is_im and bot.id in channel.members:
            channel.members.remove(bot.id)
    sandbox.changed("install", team=installation.team_id)


def revoke_tokens(sandbox: SlackSandbox, team_id: str) -> None:
    for token in list_tokens(sandbox, team_id):
        token.state = "token_revoked"


def list_tokens(sandbox: SlackSandbox, team_id: str) -> list[Token]:
    return [one for one in sandbox.world.tokens.values() if one.team_id == team_id and one.state == "live"]


def _steady_token(sandbox: SlackSandbox, installation: Installation) -> Token:
    live = [one for one in list_tokens(sandbox, installation.team_id) if one.kind == "bot" and not one.expires_at]
    if not live:
        return _add_token(sandbox, installation, "bot", "xoxb-", 0.0)
    live[0].scopes = list(installation.scopes)
    return live[0]


def _add_token(sandbox: SlackSandbox, installation: Installation, kind: str, prefix: str, expires: float) -> Token:
    value = f"{prefix}{installation.team_id}-{sandbox.world.next_secret('token')}"
    token = Token(value, installation.team_id, kind, list(installation.scopes), expires)
    sandbox.world.tokens[value] = token
    return token


def _add_bot_user(sandbox: SlackSandbox, team_id: str) -> Person:
    world, name = sandbox.world, sandbox.settings.name
    handle = "".join(letter for letter in name.lower() if letter.isalnum()) or "app"
    bot = Person(world.next_id("U"), team_id, handle, name, "app", is_bot=True, bot_id=world.next_id("B"))
    bot.updated = int(world.clock.now())
    world.people[bot.id] = bot
    return bot


def _auto_join(sandbox: SlackSandbox, installation: Installation) -> None:
    for channel in sandbox.world.channels.values():
        wanted = channel.team_id == installation.team_id and channel.name in sandbox.config.auto_join
        if wanted and installation.bot_user_id not in channel.members:
            channel.members.append(installation.bot_user_id)
