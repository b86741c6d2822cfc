"""One pipeline for our events and foreign log records: JSON or console on stderr, with everything secret scrubbed."""

import logging
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import structlog
from structlog.typing import EventDict, Processor

from kit.crypto import HIDDEN

Format: TypeAlias = Literal["json", "console"]

SENSITIVE = re.compile(
    r"(?i)(tokens?|secrets?|password|authorization|cookies?|signature|api_?key|response_url|private_metadata)$"
    r"|^(code|state|body|payload|sealed)$"
)
# What secrets look like inside a text, whatever it is about. Quotes, spaces and backslashes end a match, so that
# scrubbing never breaks the sentence or the JSON around it.
SHAPES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\bxox[a-z]?(?:\.xox[a-z])?-[\w.%-]+", HIDDEN),  # Slack tokens, rotated ones (xoxe.xoxb-…) included
        (r"\bxapp-[\w-]+", HIDDEN),
        (r"(?i)\b(bearer|basic)(\s+|%20)[\w.~+/=%-]{6,}", rf"\1\2{HIDDEN}"),
        (r"\beyJ[\w-]{6,}(?:\.[\w-]+)*", HIDDEN),  # JWT: Intuit's access tokens
        (r"\b(?:AB\d{2}|RT\d)[\w-]{16,}", HIDDEN),  # Intuit's authorization codes and refresh tokens
        (r"https://[\w.-]+/(?:services|commands|actions|workflows)/[\w/%-]+", HIDDEN),  # response_url, incoming webhook
        (r"(?i)\b((?:code|state|ticket)=)[^\s\"'&\\]{8,}", rf"\1{HIDDEN}"),
        (
            r"(?i)\b((?:[\w-]*_)?(?:token|secret|response_url)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;)}\]\\]{4,}",
            rf"\1{HIDDEN}",
        ),
        # What the database quotes back: bound values (SQLAlchemy) and key values (Postgres) are names and amounts.
        (r"(\[parameters: )[^\n]*", rf"\1{HIDDEN}]"),
        (r"(DETAIL: )[^\n]*", rf"\1{HIDDEN}"),
    )
)

# These speak of requests, bodies and arguments below WARNING, and some above it.
QUIETED = (
    "aiohttp",
    "apscheduler",
    "asyncio",
    "dramatiq",
    "httpcore",
    "httpx",
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy",
    "uvicorn.access",
)
# Bolt and the SDK put whole request bodies behind the first bracket of a message, at any level.
BODY_TELLERS = ("slack_bolt", "slack_sdk")
PLAIN = (bool, int, float, type(None))


def scrub_text(text: str) -> str:
    for pattern, replacement in SHAPES:
        text = pattern.sub(replacement, text)
    return text


def scrub(value: object) -> object:
    """A copy of plain data in which nothing secret is left; objects become their scrubbed repr."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, Mapping):
        return {str(key): _scrub_field(str(key), item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [scrub(item) for item in value]
    return scrub_text(str(value))


def _scrub_field(name: str, value: object) -> object:
    return HIDDEN if value is not None and SENSITIVE.search(name) else scrub(value)


def _scrub_event(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {key: _scrub_field(key, value) for key, value in event.items()}


def _spoken_by(record: logging.LogRecord, packages: tuple[str, ...]) -> bool:
    # Bolt names its loggers after the file of the app, so the name alone does not tell who speaks.
    return any(
        record.name == package or record.name.startswith(f"{package}.") or f"/{package}/" in record.pathname
        for package in packages
    )


def _quiet(record: logging.LogRecord) -> bool:
    """Enforced at the handler: libraries reset the levels of their own loggers."""
    if record.levelno < logging.WARNING and _spoken_by(record, QUIETED):
        return False
    if _spoken_by(record, BODY_TELLERS):
        record.msg, record.args = record.getMessage().split("(", 1)[0].split("{", 1)[0].strip(), ()
    return True


def _shared(service: str) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _naming(service),
    ]


def _naming(service: str) -> Callable[[Any, str, EventDict], EventDict]:
    def name_service(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return name_service


def _renderer(fmt: Format) -> Processor:
    if fmt == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, colors=sys.stderr.isatty())


def configure_logging(level: str, fmt: Format, service: str) -> None:
    """Once per process, before anything speaks. `level` is a standard name in any case; raises ValueError otherwise."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_quiet)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(service),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                _scrub_event,
                _renderer(fmt),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in QUIETED:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(service),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
