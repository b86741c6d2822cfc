"""Grants, authorisation codes and tokens, with the ways real connections have died."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.qbo.clock import Clock
from sandbox.qbo.config import QboSandboxConfig, TokenMode

_ROTATION = timedelta(hours=24)
_CODE_LIFE = timedelta(minutes=10)


class TokenRefused(Exception):
    """OAuth's `error`, its description (or none, as Intuit often answers), and the HTTP status."""

    def __init__(self, error: str, description: str | None = None, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass(slots=True)
class Grant:
    """One consent for one company. `retired` maps old refresh tokens to the moment they stop working."""

    realm: str
    refresh_token: str
    rotated_at: datetime
    idle_deadline: datetime
    hard_deadline: datetime
    revoked: bool = False
    reason: str = ""
    retired: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenPair:
    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    hard_expires_in: int


@dataclass(slots=True)
class _Code:
    realm: str
    redirect_uri: str
    expires: datetime
    grant: Grant | None = None


class TokenStore:
    def __init__(self, config: QboSandboxConfig, clock: Clock) -> None:
        self.mode = config.token_mode
        self.drop_next_response = False
        self.refreshes: dict[str, int] = {}
        self.grants: list[Grant] = []
        self._config = config
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, tuple[Grant, datetime]] = {}

    def issue_code(self, realm: str, redirect_uri: str) -> str:
        code = f"AB1{secrets.token_hex(20)}"
        self._codes[code] = _Code(realm, redirect_uri, self._clock.now() + _CODE_LIFE)
        return code

    def exchange(self, code: str, redirect_uri: str) -> TokenPair:
        """Single use: presenting a code twice also kills what the first exchange got."""
        known = self._codes.get(code)
        if known is None or known.redirect_uri != redirect_uri or known.expires < self._clock.now():
            raise TokenRefused("invalid_grant", "Invalid authorization code")
        if known.grant is not None:
            self.revoke_grant(known.grant, "authorization code used twice")
            raise TokenRefused("invalid_grant", "Invalid authorization code")
        known.grant = self._grant(known.realm)
        return self._pair(known.grant)

    def connect(self, realm: str) -> TokenPair:
        """A grant without the browser: for tests and benchmarks that start connected."""
        return self._pair(self._grant(realm))

    def refresh(self, token: str) -> TokenPair:
        grant = self._find(token)
        now = self._clock.now()
        if grant is None or grant.revoked or now > grant.idle_deadline or now > grant.hard_deadline:
            raise TokenRefused("invalid_grant", "Incorrect or invalid refresh token" if grant is None else None)
        self.refreshes[grant.realm] = self.refreshes.get(grant.realm, 0) + 1
        due = self.mode is TokenMode.ALWAYS_ROTATE or now - grant.rotated_at >= _ROTATION
        if due and token == grant.refresh_token:
            self._rotate(grant)
        grant.idle_deadline = now + self._config.refresh_token_life
        return self._pair(grant)

    def rotate(self, realm: str) -> None:
        """Change the refresh token of every live grant of a realm now, as if a day had passed."""
        for grant in self._live(realm):
            self._rotate(grant)

    def expire_access(self, realm: str) -> None:
        now = self._clock.now()
        for token, (grant, _) in self._access.items():
            if grant.realm == realm:
                self._access[token] = (grant, now - timedelta(seconds=1))

    def expire_hard(self, realm: str) -> None:
        for grant in self._live(realm):
            grant.hard_deadline = self._clock.now() - timedelta(seconds=1)

    def set_hard_deadline(self, realm: str, days: float) -> None:
        for grant in self._live(realm):
            grant.hard_deadline = self._clock.now() + timedelta(days=days)

    def revoke_realm(self, realm: str, reason: str) -> None:
        for grant in self._live(realm):
            self.revoke_grant(grant, reason)

    def revoke_token(self, token: str) -> bool:
        access = self._access.get(token)
        grant = access[0] if access else self._find(token)
        if grant is None:
            return False
        self.revoke_grant(grant, "revoked by the app")
        return True

    def revoke_grant(self, grant: Grant, reason: str) -> None:
        grant.revoked, grant.reason = True, reason
        self._access = {token: held for token, held in self._access.items() if held[0] is not grant}

    def find_realm(self, access_token: str) -> str | None:
        """The company an access token opens, or None when it is unknown or expired."""
        held = self._access.get(access_token)
        if held is None or held[0].revoked or held[1] < self._clock.now():
            return None
        return held[0].realm

    def _grant(self, realm: str) -> Grant:
        now = self._clock.now()
        token = _refresh_value()
        grant = Grant(realm, token, now, now + self._config.refresh_token_life, now + self._config.hard_life)
        self.grants.append(grant)
        return grant

    def _find(self, token: str) -> Grant | None:
        now = self._clock.now()
        for grant in self.grants:
            if grant.refresh_token == token or grant.retired.get(token, now - _ROTATION) > now:
                return grant
        return None

    def _rotate(self, grant: Grant) -> None:
        now = self._clock.now()
        if self.mode is TokenMode.GRACE_24H:
            grant.retired[grant.refresh_token] = now + _ROTATION
        grant.refresh_token = _refresh_value()
        grant.rotated_at = now

    def _live(self, realm: str) -> list[Grant]:
        return [grant for grant in self.grants if grant.realm == realm and not grant.revoked]

    def _pair(self, grant: Grant) -> TokenPair:
        now = self._clock.now()
        access = f"eyJ{secrets.token_urlsafe(48)}"
        self._access[access] = (grant, now + self._config.access_token_life)
        return TokenPair(
            access,
            grant.refresh_token,
            int(self._config.access_token_life.total_seconds()),
            int((grant.idle_deadline - now).total_seconds()),
            int((grant.hard_deadline - now).total_seconds()),
        )


def _refresh_value() -> str:
    return f"AB11{secrets.token_hex(23)}"
