"""The digest for people who are still deciding: read-only, on their own books or a made-up company's."""

from bot.replies import Answer, Turn
from bot.views.ids import Click
from bot.views.scene import Scene
from bot.views.testdrive import draw_testdrive
from orchestrators.testdrive import TestDriveService


async def show(turn: Turn) -> Answer:
    result = await TestDriveService(turn.tools.db, turn.clock).run(turn.business_id, turn.caller)
    # The made-up company lives on a day of its own.
    told = result.digest.health
    return draw_testdrive(result, Scene(now=told.now, zone=told.zone))


COMMANDS = {"testdrive": show}
ACTIONS = {Click.TEST_DRIVE: show}
