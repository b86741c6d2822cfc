"""Intuit's OAuth: where people are sent, and the four requests of the token endpoint. No state is kept here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx
import msgspec
import structlog

from kit.clock import Clock
from kit.crypto import Secret
from kit.errors import Busy, FaultDetail, VendorFault
from kit.http import Fetched, fetch

SCOPE = "com.intuit.quickbooks.accounting"
TOTAL_S = 15.0
# Asked for, the answer says when consent itself ends (five years), which refreshing does not extend.
ASK_HARD_EXPIRY = {"x-include-refresh-token-hard-expires-in": "true"}

log = structlog.get_logger(__name__)


class GrantRefused(VendorFault):
    """The code or refresh token is not (any longer) good for a token."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: Secret
    refresh: Secret
    access_expires_at: datetime
    refresh_expires_at: datetime
    hard_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class IntuitApp:
    """Our app as Intuit knows it, and where Intuit is."""

    client_id: str
    client_secret: Secret
    redirect_uri: str
    authorize_url: str
    token_url: str
    revoke_url: str


class _Answer(msgspec.Struct, frozen=True):
    """A pair that was granted must not be lost over its life time: without one, it is what Intuit's documents say."""

    access_token: str
    refresh_token: str
    expires_in: int = 3600
    x_refresh_token_expires_in: int = 100 * 24 * 3600
    x_refresh_token_hard_expires_in: int | None = None


class _Refusal(msgspec.Struct, frozen=True):
    error: str = ""


@dataclass(frozen=True, slots=True)
class IntuitAuth:
    app: IntuitApp
    http: httpx.AsyncClient
    clock: Clock

    def authorize_url(self, state: str) -> str:
        asked = {
            "client_id": self.app.client_id,
            "response_type": "code",
            "scope": SCOPE,
            "redirect_uri": self.app.redirect_uri,
            "state": state,
        }
        return f"{self.app.authorize_url}?{urlencode(asked)}"

    async def exchange(self, code: str) -> TokenPair:
        """A code works once; a second exchange would end the tokens of the first."""
        return await self._tokens(
            {"grant_type": "authorization_code", "code": code, "redirect_uri": self.app.redirect_uri}
        )

    async def refresh(self, token: Secret) -> TokenPair:
        """Raises `GrantRefused`; `Busy` when no answer came, and then the token may have been spent all the same."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": token.reveal()})

    async def revoke(self, token: Secret) -> None:
        """Ends the whole connection. A token that Intuit does not know any more is as good as revoked."""
        body = msgspec.json.encode({"token": token.reveal()})
        headers = {"accept": "application/json", "content-type": "application/json"}
        answer = await fetch(
            self.http, "POST", self.app.revoke_url, total=TOTAL_S, headers=headers, content=body, auth=self._basic
        )
        if answer.status >= 500:
            raise Busy("Intuit could not revoke the connection", retry_after=30)
        log.info("qbo.revoked", status=answer.status, intuit_tid=answer.headers.get("intuit_tid"))

    async def _tokens(self, form: Mapping[str, str]) -> TokenPair:
        headers = {"accept": "application/json", **ASK_HARD_EXPIRY}
        answer = await fetch(
            self.http, "POST", self.app.token_url, total=TOTAL_S, headers=headers, data=form, auth=self._basic
        )
        if answer.status != 200:
            raise _refused(answer)
        return self._pair(answer)

    def _pair(self, answer: Fetched) -> TokenPair:
        """Status and keys are checked: an error body once passed for success in a widely used client."""
        try:
            found = msgspec.json.decode(answer.body, type=_Answer, strict=False)
        except msgspec.DecodeError:
            raise Busy("Intuit's token endpoint sent an answer without tokens", retry_after=5) from None
        now, hard = self.clock.now(), found.x_refresh_token_hard_expires_in
        return TokenPair(
            Secret(found.access_token),
            Secret(found.refresh_token),
            now + timedelta(seconds=found.expires_in),
            now + timedelta(seconds=found.x_refresh_token_expires_in),
            None if hard is None else now + timedelta(seconds=hard),
        )

    @property
    def _basic(self) -> tuple[str, str]:
        return self.app.client_id, self.app.client_secret.reveal()


def _refused(answer: Fetched) -> Busy | VendorFault:
    reference = answer.headers.get("intuit_tid")
    try:
        code = msgspec.json.decode(answer.body, type=_Refusal).error
    except msgspec.DecodeError:
        code = ""
    log.warning("qbo.token_refused", status=answer.status, oauth_error=code[:40], intuit_tid=reference)
    detail = FaultDetail("intuit", code or str(answer.status), reference)
    if code == "invalid_grant":
        return GrantRefused("QuickBooks did not accept the authorization.", detail)
    if answer.status in {400, 401, 403}:
        return VendorFault("Intuit does not accept Runway's own credentials.", detail)
    return Busy("Intuit's token endpoint has a problem", retry_after=5)
