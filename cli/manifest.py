"""The Slack app manifest: what an operator pastes into Slack's "create from manifest"."""

from typing import Any

from bot.http import SCOPES

EVENTS = ["app_home_opened", "app_uninstalled", "team_join", "tokens_revoked", "user_change"]
LONG = (
    "Runway keeps owners of small businesses ahead of their cash. It mirrors the books in QuickBooks Online, shows what"
    " is wrong in them and what has to be decided, records approvals with one click, and posts a weekly digest: can we"
    " cover payroll and the essential bills, which invoices must be chased, which bills can wait? Runway never moves"
    " money. Its data is removed when the app is uninstalled."
)


def manifest(public_url: str, *, socket_mode: bool) -> dict[str, Any]:
    """For an installation that Slack reaches at `public_url`, or that reaches out to Slack by Socket Mode."""
    base = public_url.rstrip("/")
    events_url = f"{base}/slack/events"
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Runway",
            "description": "Cash runway, bills to decide and books to mend, every week",
            "background_color": "#1b2a41",
            "long_description": LONG,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Runway", "always_online": True},
            "slash_commands": [
                {
                    "command": "/runway",
                    "url": events_url,
                    "description": "Cash, runway and what waits for you",
                    "usage_hint": "[tray|console|forecast|sync|help]",
                    "should_escape": True,
                }
            ],
        },
        "oauth_config": {
            "redirect_urls": [f"{base}/slack/oauth_redirect"],
            "scopes": {"bot": SCOPES.split(",")},
        },
        "settings": {
            "event_subscriptions": {"request_url": events_url, "bot_events": EVENTS},
            "interactivity": {"is_enabled": True, "request_url": events_url},
            "org_deploy_enabled": True,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": True,
        },
    }
