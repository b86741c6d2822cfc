"""What the documents say of the code is so."""

import re
from pathlib import Path

import pytest

from domains.people import ALLOWED, Act, Role
from tests.architecture.sources import PRODUCT, ROOT, python_files, tracked

DOCS = sorted(path for path in tracked() if path.startswith("docs/") and path.endswith(".md"))
TEST = re.compile(r"^\s*(?:async )?def (test_[a-z0-9_]+)", re.MULTILINE)


def text_of(path: str) -> str:
    return (ROOT / path).read_text()


def permissions() -> str:
    """The table as the code has it."""
    head = ["act", *Role]
    lines = [head, ["---"] * len(head)]
    lines += [[act.value, *("✓" if role in ALLOWED[act] else "–" for role in Role)] for act in Act]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return table.replace("| --- | --- | --- | --- | --- |", "|---|---|---|---|---|")


def test_the_permission_table_is_the_one_that_is_asked() -> None:
    written = text_of("docs/security.md").partition("<!-- permissions:begin -->\n")[2]
    assert written.partition("\n<!-- permissions:end -->")[0] == permissions()


def test_every_named_test_exists() -> None:
    known = {name for source in python_files() if source.within("tests") for name in TEST.findall(source.text)}
    named = {name for path in DOCS for name in re.findall(r"`(test_[a-z0-9_]+)`", text_of(path))}
    assert named - known == set()
    assert len(named) > 40


@pytest.mark.parametrize("path", DOCS)
def test_every_named_file_exists(path: str) -> None:
    files = tracked()
    folders = {str(parent) for file in files for parent in Path(file).parents}
    pattern = (
        rf"`((?:{'|'.join((*PRODUCT[:-1], 'migrations', 'sandbox', 'benchmarks', 'tests', 'docs'))})/[\w./-]+)[`: ]"
    )
    named = {name.rstrip("/.") for name in re.findall(pattern, text_of(path))}
    assert {name for name in named if name not in files and name not in folders} == set()


def commands() -> set[str]:
    """Every command line, as `runway audit verify`."""
    from runway import app

    found = {f"runway {one.name or (one.callback.__name__ if one.callback else '')}" for one in app.registered_commands}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        for one in group.typer_instance.registered_commands:
            found.add(f"runway {group.name} {one.name or (one.callback.__name__ if one.callback else '')}")
    return found


@pytest.mark.parametrize("path", [*DOCS, "README.md", "CONTRIBUTING.md"])
def test_every_named_command_exists(path: str) -> None:
    named = {" ".join(words.split()) for words in re.findall(r"`(runway [a-z]+(?: [a-z]+)?)", text_of(path))}
    known = commands()
    groups = {" ".join(command.split()[:2]) for command in known}
    assert {name for name in named if name not in known and " ".join(name.split()[:2]) not in groups} == set()


def test_decisions_are_numbered_once() -> None:
    numbers = [Path(path).name[:4] for path in DOCS if path.startswith("docs/adr/")]
    assert len(numbers) == len(set(numbers))
