"""The project's own files as the rules see them: tracked text, parsed once, with names resolved through imports."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The product itself. Tests, benchmarks and the sandbox answer for themselves.
PRODUCT = ("bot", "calculators", "cli", "domains", "kit", "orchestrators", "workers", "runway.py")


@dataclass(frozen=True)
class Source:
    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    def within(self, *places: str) -> bool:
        """Whether the file is one of these, or below one of these folders."""
        return any(self.path == place or self.path.startswith(f"{place}/") for place in places)

    @cached_property
    def _imported(self) -> dict[str, str]:
        """What each imported name stands for: {"dt": "datetime.datetime"}."""
        known: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    first = name.name.split(".")[0]
                    known[name.asname or first] = name.name if name.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                known |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
        return known

    def _dotted(self, node: ast.expr) -> str | None:
        """The full name of `a.b.c` if `a` was imported, else None."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._imported:
            return None
        return ".".join([self._imported[node.id], *parts])

    def names(self) -> Iterator[tuple[str, int]]:
        """Every imported or used name of another module, with its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((name.name, node.lineno) for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from ((f"{node.module}.{name.name}", node.lineno) for name in node.names)
            elif isinstance(node, (ast.Name, ast.Attribute)) and (dotted := self._dotted(node)):
                yield dotted, node.lineno

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call: of an imported name by its full name, of a method as ".name"."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Call):
                continue
            if dotted := self._dotted(node.func):
                yield dotted, node
            elif isinstance(node.func, ast.Attribute):
                yield f".{node.func.attr}", node


@cache
def tracked() -> tuple[str, ...]:
    """What is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())


@cache
def python_files() -> tuple[Source, ...]:
    return tuple(Source(path, (ROOT / path).read_text()) for path in tracked() if path.endswith(".py"))


@cache
def text_files() -> tuple[Source, ...]:
    readable = []
    for path in tracked():
        try:
            readable.append(Source(path, (ROOT / path).read_text()))
        except UnicodeDecodeError:
            continue
    return tuple(readable)
