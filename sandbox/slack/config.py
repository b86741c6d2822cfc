"""What Slack's app settings page would hold, and how this stand-in behaves."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

JsonObject = dict[str, Any]

EVENTS = ("app_home_opened", "app_uninstalled", "tokens_revoked", "team_join", "user_change")


@dataclass(frozen=True, slots=True)
class SlashCommand:
    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = True


@dataclass(frozen=True, slots=True)
class AppSettings:
    """One Slack app. Empty `commands` sends every /word to the app; empty `scopes` lets it ask for any scope."""

    name: str = "Runway"
    app_id: str = "A0SANDBOX"
    client_id: str = "1000000000.2000000000"
    client_secret: str = "sandbox-client-secret"
    signing_secret: str = "sandbox-signing-secret"
    app_token: str = "xapp-1-A0SANDBOX-sandbox"
    app_url: str = "http://127.0.0.1:8000"
    request_url: str = ""
    redirect_urls: tuple[str, ...] = ()
    install_path: str = "/slack/install"
    description: str = ""
    color: str = "#1b2a41"
    scopes: tuple[str, ...] = ()
    events: tuple[str, ...] = EVENTS
    commands: tuple[SlashCommand, ...] = ()
    home_tab: bool = True
    messages_tab: bool = True
    messages_tab_read_only: bool = False
    token_rotation: bool = False
    token_life: int = 43_200  # seconds
    socket_mode: bool = False
    enterprise: str = ""  # id of the organisation that installs once for all its workspaces (Enterprise Grid)

    @property
    def enterprise_json(self) -> JsonObject | None:
        return {"id": self.enterprise, "name": "Harbor Group"} if self.enterprise else None

    @property
    def events_url(self) -> str:
        return self.request_url or f"{self.app_url.rstrip('/')}/slack/events"

    @property
    def install_url(self) -> str:
        return self.app_url.rstrip("/") + self.install_path

    def find_command(self, name: str) -> SlashCommand | None:
        if not self.commands:
            return SlashCommand(name)
        return next((one for one in self.commands if one.command == name), None)


@dataclass(frozen=True, slots=True)
class SlackSandboxConfig:
    """`public_url` is where browsers and the app reach the stand-in; `transport` replaces real HTTP in a test."""

    app: AppSettings = field(default_factory=AppSettings)
    public_url: str = "http://127.0.0.1:8100"
    state_file: Path | None = None
    rate_limits: bool = False
    ack_deadline: float = 3.0
    event_retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    auto_join: tuple[str, ...] = ()
    transport: httpx.AsyncBaseTransport | None = None


def read_manifest(settings: AppSettings, manifest: JsonObject) -> AppSettings:
    """Applies an app manifest (Slack's schema, as JSON) the way importing it in Slack's app settings does."""
    features, rest = manifest.get("features", {}), manifest.get("settings", {})
    info, oauth = manifest.get("display_information", {}), manifest.get("oauth_config", {})
    home, events = features.get("app_home", {}), rest.get("event_subscriptions", {})
    interactivity = rest.get("interactivity", {})
    return replace(
        settings,
        name=features.get("bot_user", {}).get("display_name") or info.get("name", settings.name),
        description=info.get("description", ""),
        color=info.get("background_color", settings.color),
        request_url=events.get("request_url") or interactivity.get("request_url") or settings.request_url,
        redirect_urls=tuple(oauth.get("redirect_urls", settings.redirect_urls)),
        scopes=tuple(oauth.get("scopes", {}).get("bot", ())),
        events=tuple(events.get("bot_events", ())),
        commands=tuple(_read_command(one) for one in features.get("slash_commands", ())),
        home_tab=home.get("home_tab_enabled", False),
        messages_tab=home.get("messages_tab_enabled", False),
        messages_tab_read_only=home.get("messages_tab_read_only_enabled", False),
        token_rotation=rest.get("token_rotation_enabled", False),
        socket_mode=rest.get("socket_mode_enabled", False),
    )


def _read_command(entry: JsonObject) -> SlashCommand:
    return SlashCommand(
        entry["command"],
        entry.get("description", ""),
        entry.get("usage_hint", ""),
        bool(entry.get("should_escape", False)),
    )
