"""Whatever is said, by us or by a library, secrets and request bodies never reach the log."""

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import structlog

from kit.crypto import Secret
from kit.log import QUIETED, Format, configure_logging, scrub, scrub_text

Say = Callable[[], None]
CANARIES = {
    "bot token": "xoxb-2154-8923-CanaryCanary",
    "user token": "xoxp-2154-8923-CanaryCanary",
    "rotated token": "xoxe.xoxb-1-MS0yLUNhbmFyeQ",
    "rotation refresh": "xoxe-1-My0xLUNhbmFyeUNhbmFyeQ",
    "app token": "xapp-1-A01-222-canarycanary",
    "bearer": "Bearer CanaryCanary.Canary_Canary",
    "basic": "Basic Q2FuYXJ5OkNhbmFyeQ==",
    "jwt": "eyJhbGciOiJkaXIiLCJDYW5hcnki.eyJDYW5hcnki.Q2FuYXJ5",
    "intuit code": "AB11CanaryCanaryCanaryCanaryCanary",
    "intuit refresh": "RT1-17-H0-1700000000canarycanary",
    "response url": "https://hooks.slack.com/commands/T1/222/CanaryCanary",
    "stand-in response url": "https://localhost/actions/T1/222/CanaryCanary",
    "oauth code": "GET /qbo/callback?code=CanaryCanary&realmId=9",
    "oauth state": "/slack/oauth_redirect?state=CanaryCanary123",
    "ticket": "/qbo/connect?ticket=k1.Canary.Canary",
    "json field": '{"refresh_token": "CanaryCanary", "expires_in": 3600}',
    "python field": "{'client_secret': 'CanaryCanary'}",
    "form field": "grant_type=refresh_token&refresh_token=CanaryCanary",
    "database values": "[SQL: INSERT]\n[parameters: ('Canary Plumbing', Decimal('12.50'))]",
    "key values": "duplicate key\nDETAIL:  Key (name)=(Canary Plumbing) already exists.",
}


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in QUIETED}
    yield
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def spoken(capsys: pytest.CaptureFixture[str], say: Say, *, fmt: Format = "json", level: str = "debug") -> str:
    configure_logging(level, fmt, "bot")
    say()
    return capsys.readouterr().err


def fields(line: str) -> dict[str, object]:
    decoded: dict[str, object] = json.loads(line)
    return decoded


def test_an_event_is_one_json_line_with_bound_ids(capsys: pytest.CaptureFixture[str]) -> None:
    def say() -> None:
        structlog.contextvars.bind_contextvars(request_id="r1")
        structlog.get_logger("orchestrators.digest").info("digest.posted", business_id=uuid.UUID(int=7))

    line = fields(spoken(capsys, say))
    assert line.pop("timestamp")
    assert line == {
        "event": "digest.posted",
        "business_id": "00000000-0000-0000-0000-000000000007",
        "request_id": "r1",
        "level": "info",
        "logger": "orchestrators.digest",
        "service": "bot",
    }


def test_a_library_record_has_the_same_shape_and_ids(capsys: pytest.CaptureFixture[str]) -> None:
    def say() -> None:
        structlog.contextvars.bind_contextvars(request_id="r1")
        logging.getLogger("alembic").warning("running %s", "0001")

    line = fields(spoken(capsys, say))
    assert (line["event"], line["request_id"], line["logger"], line["service"]) == (
        "running 0001",
        "r1",
        "alembic",
        "bot",
    )


def test_the_level_is_honoured_for_our_events(capsys: pytest.CaptureFixture[str]) -> None:
    def say() -> None:
        structlog.get_logger().info("not.said")
        structlog.get_logger().warning("was.said")

    assert [fields(line)["event"] for line in spoken(capsys, say, level="WARNING").splitlines()] == ["was.said"]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        configure_logging("loud", "json", "bot")


def test_the_console_format_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    said = spoken(capsys, lambda: structlog.get_logger().info("digest.posted", rows=3), fmt="console")
    assert "digest.posted" in said
    assert "rows=3" in said
    assert not said.startswith("{")


@pytest.mark.parametrize("text", CANARIES.values(), ids=CANARIES.keys())
def test_a_secret_inside_a_sentence_is_scrubbed(text: str) -> None:
    scrubbed = scrub_text(f"before {text} after")
    assert "canary" not in scrubbed.lower()
    assert scrubbed.startswith("before ")
    assert "***" in scrubbed


@pytest.mark.parametrize("fmt", ["json", "console"])
@pytest.mark.parametrize("text", CANARIES.values(), ids=CANARIES.keys())
def test_a_secret_never_leaves_by_any_path(capsys: pytest.CaptureFixture[str], text: str, fmt: Format) -> None:
    def say() -> None:
        log = structlog.get_logger()
        log.info("ours", detail=text, nested=[{"deep": (text,)}], thing=ValueError(text))
        log.info(text)
        logging.getLogger("alembic").error("theirs %s", text)
        failure = RuntimeError(text)
        log.error("failed", exc_info=failure)
        logging.getLogger("dramatiq.worker").error("job failed with %r", text, exc_info=failure)

    said = spoken(capsys, say, fmt=fmt)
    assert "RuntimeError" in said
    assert "canary" not in said.lower()


@pytest.mark.parametrize(
    "field",
    [
        "access_token",
        "refresh_token",
        "token",
        "client_secret",
        "Authorization",
        "cookie",
        "response_url",
        "code",
        "state",
    ],
)
def test_a_field_named_after_a_secret_is_hidden_whatever_it_holds(field: str) -> None:
    assert scrub({"kept": {field: "canary"}}) == {"kept": {field: "***"}}
    assert scrub({field: None}) == {field: None}


def test_a_secret_object_stays_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    said = spoken(capsys, lambda: structlog.get_logger().info("kept", holder=Secret("canary"), list=[Secret("canary")]))
    assert "canary" not in said


@pytest.mark.parametrize(
    "text",
    [
        "digest.posted",
        "the token was refused",
        "statement timeout, error code: 57014",
        "job state=done",
        "5f0c8a36-8d3e-4d4e-a3a5-8c1f2b3c4d5e",
        "/work tree state is clean",
        "https://qbo.intuit.com/app/bill?txnId=42",
    ],
)
def test_sentences_without_secrets_are_left_alone(text: str) -> None:
    assert scrub_text(text) == text


def test_plain_values_keep_their_kind() -> None:
    assert scrub({"n": 3, "share": 0.5, "ok": True, "amount": Decimal("1.50"), "ids": {7}}) == {
        "n": 3,
        "share": 0.5,
        "ok": True,
        "amount": "1.50",
        "ids": [7],
    }


@pytest.mark.parametrize("name", QUIETED)
def test_talkative_libraries_are_heard_from_warning_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # A server that another test ran in this process may have silenced its own logger for good.
    for end in range(1, name.count(".") + 2):
        monkeypatch.setattr(logging.getLogger(".".join(name.split(".")[:end])), "propagate", True)

    def say() -> None:
        library = logging.getLogger(f"{name}.part")
        library.setLevel(logging.DEBUG)  # as Bolt does with its own loggers
        library.info("canary")
        library.warning("heard")

    assert [fields(line)["event"] for line in spoken(capsys, say).splitlines()] == ["heard"]


@pytest.mark.parametrize("level", [logging.INFO, logging.WARNING, logging.ERROR])
@pytest.mark.parametrize(
    "message",
    [
        "Invalid request signature detected (signature: v0=1, timestamp: 2, body: token=x&text=canary)",
        "Unhandled request ({'type': 'block_actions', 'value': 'canary'})",
        "without providing a response for the request ({'canary': 1})",
        "{'canary': 1}",
    ],
)
@pytest.mark.parametrize("name", ["slack_bolt.AsyncRequestVerification", "slack_sdk.web", "app.py:AsyncApp"])
def test_bolt_never_tells_a_body(capsys: pytest.CaptureFixture[str], name: str, message: str, level: int) -> None:
    record = logging.LogRecord(name, level, "/site/slack_bolt/app/async_app.py", 678, message, (), None)
    assert "canary" not in spoken(capsys, lambda: logging.getLogger().handle(record))


def test_a_bad_signature_refused_by_bolt_itself_is_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    from slack_bolt import BoltRequest
    from slack_bolt.middleware.request_verification import RequestVerification
    from slack_bolt.response import BoltResponse

    def say() -> None:
        request = BoltRequest(
            body="text=canary",
            headers={"x-slack-signature": "v0=0", "x-slack-request-timestamp": "1"},
        )
        verification = RequestVerification("secret")
        verification.logger.setLevel(logging.DEBUG)
        answer = verification.process(req=request, resp=BoltResponse(status=200), next=lambda: BoltResponse(status=200))
        assert answer.status == 401

    assert "canary" not in spoken(capsys, say)
