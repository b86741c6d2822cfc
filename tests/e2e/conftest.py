"""One installation per story: what people did stays visible to whoever asks next in the same story."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.world import World, open_world
from tests.measuring import MEASURED


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with open_world(Path(tmp_path_factory.mktemp("world")), "--join", "finance", more=MEASURED) as running:
        yield running
