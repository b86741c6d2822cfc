"""Settings: read once by the composition roots, wrong ones stop the process with a sentence that says which and why."""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit.clock import ShiftedClock
from kit.errors import Misconfigured


class Environment(StrEnum):
    LOCAL = "local"
    PRODUCTION = "production"


class QboEnvironment(StrEnum):
    SANDBOX = "sandbox"
    PRODUCTION = "production"


QBO_API = {
    QboEnvironment.PRODUCTION: "https://quickbooks.api.intuit.com",
    QboEnvironment.SANDBOX: "https://sandbox-quickbooks.api.intuit.com",
}
QBO_APP = {
    QboEnvironment.PRODUCTION: "https://app.qbo.intuit.com",
    QboEnvironment.SANDBOX: "https://app.sandbox.qbo.intuit.com",
}
SLACK_API = "https://slack.com/api/"
REQUIRED_IN_PRODUCTION = (
    "database_url",
    "redis_url",
    "encryption_keys",
    "slack_signing_secret",
    "slack_client_id",
    "slack_client_secret",
    "qbo_client_id",
    "qbo_client_secret",
    "qbo_webhook_verifier_token",
)


OVER_THE_NETWORK = (
    "public_url",
    "slack_api_url",
    "slack_authorize_url",
    "qbo_api_url",
    "qbo_authorize_url",
    "qbo_token_url",
    "qbo_revoke_url",
)


def _ours(name: str) -> AliasChoices:
    return AliasChoices(f"RUNWAY_{name}")


class Settings(BaseSettings):
    """Environment variables as the README lists them. No secret has a default."""

    model_config = SettingsConfigDict(frozen=True, env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: str | None = None
    database_owner_url: str | None = None
    redis_url: str | None = None
    home: Path = Field(Path(".runway"), validation_alias=_ours("HOME"))
    public_url: str = Field("http://127.0.0.1:8000", validation_alias=_ours("PUBLIC_URL"))
    env: Environment = Field(Environment.LOCAL, validation_alias=_ours("ENV"))
    encryption_keys: SecretStr | None = Field(None, validation_alias=_ours("ENCRYPTION_KEYS"))

    slack_signing_secret: SecretStr | None = None
    slack_client_id: str | None = None
    slack_client_secret: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: str = SLACK_API
    slack_authorize_url: str = "https://slack.com/oauth/v2/authorize"
    slack_response_url_hosts: str = "hooks.slack.com,hooks.slack-gov.com"

    qbo_client_id: str | None = None
    qbo_client_secret: SecretStr | None = None
    qbo_webhook_verifier_token: SecretStr | None = None
    qbo_environment: QboEnvironment = QboEnvironment.PRODUCTION
    qbo_api_url: str | None = None
    qbo_authorize_url: str = "https://appcenter.intuit.com/connect/oauth2"
    qbo_token_url: str = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105 - an address
    qbo_revoke_url: str = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"

    log_level: str = Field("info", validation_alias=_ours("LOG_LEVEL"), pattern="^(debug|info|warning|error|critical)$")
    log_format: str | None = Field(None, validation_alias=_ours("LOG_FORMAT"), pattern="^(json|console)$")
    read_budget: int = Field(500_000, validation_alias=_ours("READ_BUDGET"), ge=1)
    worker_threads: int = Field(8, validation_alias=_ours("WORKER_THREADS"), ge=1, le=256)
    worker_processes: int = Field(1, validation_alias=_ours("WORKER_PROCESSES"), ge=1, le=64)
    port: int = Field(8000, validation_alias=_ours("PORT"), ge=0, le=65535)
    ops_port: int | None = Field(None, validation_alias=_ours("OPS_PORT"), ge=0, le=65535)
    now: str | None = Field(None, validation_alias=_ours("NOW"))

    @property
    def qbo_api(self) -> str:
        return (self.qbo_api_url or QBO_API[self.qbo_environment]).rstrip("/")

    @property
    def qbo_app(self) -> str:
        """Where a person opens a record: Intuit's web application, or a stand-in's own pages."""
        return (self.qbo_api_url or QBO_APP[self.qbo_environment]).rstrip("/")

    def slack_app_link(self, *, app_id: str, team_id: str) -> str:
        """Slack's own way from a web page into a workspace: to the app when it is known, else to the workspace."""
        parts = urlsplit(self.slack_authorize_url)
        known = {"app": app_id, "team": team_id}
        query = urlencode({key: value for key, value in known.items() if value})
        return f"{parts.scheme}://{parts.netloc}/app_redirect?{query}"

    @property
    def response_url_hosts(self) -> frozenset[str]:
        """Those that are listed; a stand-in of a local Slack may answer where its API is."""
        listed = {host.strip() for host in self.slack_response_url_hosts.split(",") if host.strip()}
        local = self.env is Environment.LOCAL and self.slack_api_url != SLACK_API
        return frozenset(listed | ({urlsplit(self.slack_api_url).netloc} if local else set()))

    @property
    def verifier_tokens(self) -> tuple[str, ...]:
        """One token, or two during rotation."""
        raw = self.qbo_webhook_verifier_token
        return tuple(part.strip() for part in raw.get_secret_value().split(",") if part.strip()) if raw else ()

    @field_validator("now")
    @classmethod
    def _is_a_time(cls, now: str | None) -> str | None:
        """Here, so that it is refused by name before anything runs."""
        try:
            ShiftedClock(now or "2026-11-27")
        except ValueError:
            raise ValueError("write a date such as 2026-11-27, or an instant with its offset") from None
        return now

    @model_validator(mode="after")
    def _fit_for_production(self) -> Self:
        if self.env is Environment.LOCAL:
            return self
        missing = [name.upper() for name in REQUIRED_IN_PRODUCTION if getattr(self, name) is None]
        if missing:
            names = ", ".join("RUNWAY_ENCRYPTION_KEYS" if name == "ENCRYPTION_KEYS" else name for name in missing)
            raise ValueError(f"production needs {names}")
        if plain := [name for name in OVER_THE_NETWORK if urlsplit(getattr(self, name) or "https:").scheme != "https"]:
            names = ", ".join("RUNWAY_PUBLIC_URL" if name == "public_url" else name.upper() for name in plain)
            raise ValueError(f"{names} must be https in production: codes and tokens travel there")
        if self.now is not None:
            raise ValueError("RUNWAY_NOW is for demos and tests; production runs on real time")
        return self


def load_settings(decided: Mapping[str, str] = MappingProxyType({})) -> Settings:
    """Raises `Misconfigured` with one sentence per variable; values are never repeated.

    `decided` are variables by name that stand above the environment.
    """
    try:
        return Settings(**_by_field(decided))
    except ValidationError as error:
        sentences = [_sentence(problem["loc"], problem["msg"]) for problem in error.errors(include_input=False)]
        raise Misconfigured("; ".join(sentences)) from None


def _by_field(variables: Mapping[str, str]) -> dict[str, Any]:
    return {name if name.startswith("RUNWAY_") else name.lower(): value for name, value in variables.items()}


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What a child process is started with: ours, and what its parent decided for it."""
    return {**os.environ, **extra}


def _sentence(where: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{str(where[0]).upper()}: {message}" if where else message
