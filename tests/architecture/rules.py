"""The house rules that no linter knows. Each check is a function from a file to the lines that break it."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tests.architecture.sources import PRODUCT, Source

Lines: TypeAlias = Iterator[int]
Check: TypeAlias = Callable[[Source], Lines]

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
NAMELESS = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
# In pieces, so that this file keeps its own rule.
REGISTRIES = [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("crates", "io")]
SPEAKING = ("assert", "expect", "check", "verify", "raises", "warns", "fail")


@dataclass(frozen=True)
class Rule:
    """`within` is where the rule holds (nowhere named: everywhere), `allowed` the files that it is made for."""

    says: str
    check: Check
    within: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    def broken_by(self, source: Source) -> list[str]:
        if (self.within and not source.within(*self.within)) or source.within(*self.allowed):
            return []
        return [f"{source.path}:{line}: {self.says}" for line in sorted(set(self.check(source)))]


def names(*banned: str) -> Check:
    """These names, and whatever lies below them, are neither imported nor used."""

    def check(source: Source) -> Lines:
        for name, line in source.names():
            if any(name == ban or name.startswith(f"{ban}.") for ban in banned):
                yield line

    return check


def calls(*banned: str) -> Check:
    """These are not called; ".name" is a method of whatever object."""

    def check(source: Source) -> Lines:
        return (call.lineno for name, call in source.calls() if name in banned)

    return check


def matches(pattern: str) -> Check:
    found = re.compile(pattern)

    def check(source: Source) -> Lines:
        return (number for number, line in enumerate(source.text.splitlines(), 1) if found.search(line))

    return check


def naive_times(source: Source) -> Lines:
    enough = {"datetime.datetime.now": 1, "datetime.datetime.fromtimestamp": 2}
    never = {"datetime.datetime.utcnow", "datetime.datetime.utcfromtimestamp", "datetime.datetime.today"}
    for name, call in source.calls():
        if name in never or len(call.args) + len(call.keywords) < enough.get(name, 0):
            yield call.lineno


def broad_handlers(source: Source) -> Lines:
    """A handler that ends in a bare `raise` only tidies up and swallows nothing."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _raises_again(node):
            yield node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            yield from (node.lineno for caught in node.args if _is_broad(caught))


def _is_broad(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(map(_is_broad, caught.elts))
    return caught is None or ast.unparse(caught) in {"Exception", "BaseException"}


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def delayed_messages(source: Source) -> Lines:
    for name, call in source.calls():
        if name == ".send_with_options" and any(keyword.arg in {"delay", None} for keyword in call.keywords):
            yield call.lineno


def long_file(source: Source) -> Lines:
    if (lines := len(source.text.splitlines())) > LONGEST_FILE:
        yield lines


def long_functions(source: Source) -> Lines:
    for node in _functions(source):
        if (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION and not _is_test(source, node):
            yield node.lineno


def nameless_module(source: Source) -> Lines:
    if NAMELESS & set(re.split(r"[/_.]", source.path)):
        yield 1


def undocumented_module(source: Source) -> Lines:
    if source.text.strip() and ast.get_docstring(source.tree) is None:
        yield 1


def hollow_tests(source: Source) -> Lines:
    """A test says somewhere what must hold, and not only that true is true."""
    for node in _functions(source):
        inside = list(ast.walk(node))
        said = [part for part in inside if isinstance(part, ast.Assert) and not isinstance(part.test, ast.Constant)]
        called = [ast.unparse(part.func).split(".")[-1] for part in inside if isinstance(part, ast.Call)]
        if _is_test(source, node) and not said and not any(name.startswith(SPEAKING) for name in called):
            yield node.lineno


def _functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(source.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _is_test(source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return source.within("tests") and node.name.startswith("test_")


PYTHON_RULES = {
    "environment": Rule(
        "the environment is read in kit/config.py and handed down",
        names("os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv"),
        within=PRODUCT,
        allowed=("kit/config.py",),
    ),
    "slack_clients": Rule(
        "Slack is spoken to by bot/messenger alone",
        names(
            "slack_sdk.WebClient",
            "slack_sdk.web",
            "slack_sdk.webhook",
            "slack_sdk.http_retry",
            "slack_sdk.socket_mode",
            "slack_sdk.oauth",
        ),
        within=PRODUCT,
        allowed=("bot/messenger",),
    ),
    "commits": Rule(
        "a unit of work is ended by the session that opened it, in kit/db.py",
        calls(".commit", ".rollback"),
        within=PRODUCT,
        allowed=("kit/db.py",),
    ),
    "engines": Rule(
        "kit/db.py is the only way to the database",
        calls(
            "sqlalchemy.create_engine",
            "sqlalchemy.ext.asyncio.create_async_engine",
            "sqlalchemy.ext.asyncio.AsyncSession",
            "sqlalchemy.ext.asyncio.async_sessionmaker",
            "sqlalchemy.orm.Session",
            "sqlalchemy.orm.sessionmaker",
            "asyncpg.connect",
            "asyncpg.create_pool",
        ),
        within=PRODUCT,
        allowed=("kit/db.py",),
    ),
    "clients": Rule(
        "outgoing HTTP goes through kit/http.py: hosts, deadlines, caps",
        calls(
            "httpx.AsyncClient",
            "httpx.Client",
            *(f"httpx.{verb}" for verb in ("get", "post", "put", "patch", "delete", "request", "stream")),
            "urllib.request.urlopen",
            "requests.get",
            "requests.post",
        ),
        within=PRODUCT,
        allowed=("kit/http.py",),
    ),
    "pickle": Rule(
        "nothing is pickled: unpickling runs code",
        names("pickle", "cPickle", "cloudpickle", "dill", "shelve", "marshal", "jsonpickle"),
        allowed=("tests/unit/kit/test_crypto.py",),  # shows that a secret refuses it
    ),
    "naive_times": Rule("a time without a zone means two things", naive_times),
    "wall_clock": Rule(
        "now is asked of the injected clock",
        calls(
            "datetime.datetime.now",
            "datetime.datetime.utcnow",
            "datetime.datetime.today",
            "datetime.date.today",
            "time.time",
            "time.time_ns",
            "time.localtime",
            "time.gmtime",
        ),
        within=PRODUCT,
        allowed=(
            "kit/clock.py",
            "bot/http.py",  # a signature's age is measured in real time, also when a demo lives on another day
            "workers/scheduler.py",  # APScheduler's own first tick
        ),
    ),
    "broad_handlers": Rule(
        "only the edge of a request or a job catches everything",
        broad_handlers,
        allowed=("bot/app.py", "workers/actor.py"),
    ),
    "delayed_messages": Rule("time to wait is a column of the outbox; delayed messages get lost", delayed_messages),
    "long_functions": Rule(
        f"a function has at most {LONGEST_FUNCTION} lines",
        long_functions,
        allowed=("migrations/versions",),  # DDL is a list: cutting it into functions would only hide its order
    ),
    "nameless_modules": Rule("a module is named after what it is about", nameless_module),
    "undocumented_modules": Rule("a module says why it exists", undocumented_module),
    "hollow_tests": Rule("a test states what must hold", hollow_tests, within=("tests",)),
}
TEXT_RULES = {
    "long_files": Rule(
        f"a file has at most {LONGEST_FILE} lines",
        long_file,
        allowed=("requirements.lock", "tests/contract/schemas"),  # generated
    ),
    "registries": Rule(
        "where packages come from is the installer's setting",
        matches("|".join(rf"\b{name}\.{top}\b" for name, top in REGISTRIES) + r"|index.url[ =]\S*://"),
    ),
    "machine_paths": Rule(
        "no path of somebody's machine",
        matches(r"(?<![\w.~$}])/(root|work|srv|home/\w+|" + r"Users/\w+)/|\b[A-Z]:\\\\?Users"),
    ),
}
