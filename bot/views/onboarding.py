"""The first hour: who Runway is, what it will and will not post, five steps taken from facts."""

from typing import Final

from bot.actions import Ref
from bot.views.blocks import Block, Message, actions, button, context, section
from bot.views.escape import Mrkdwn, lines, listed, mrkdwn, name, sentence
from bot.views.ids import Click
from bot.views.phrases import who
from bot.views.scene import Scene
from orchestrators.results.onboarding import OnboardingResult, Step, StepLine

STEPS: Final = {
    Step.WORKSPACE_BOUND: "Add Runway to this workspace",
    Step.BOOKS_CONNECTED: "Connect QuickBooks",
    Step.FIRST_SYNC: "Read the books for the first time",
    Step.DIGEST_CONFIGURED: "Choose where and when the weekly digest is posted",
    Step.FIRST_TRAY_ITEM: "Settle the first issue in the tray",
}
_NEXT: Final[dict[Step, tuple[str, Click, Ref | None]]] = {
    Step.BOOKS_CONNECTED: ("Connect QuickBooks", Click.CONNECT, None),
    Step.FIRST_SYNC: ("See how far the sync is", Click.SYNC_STATUS, None),
    Step.DIGEST_CONFIGURED: ("Set up the digest…", Click.DIGEST_SETTINGS, None),
    Step.FIRST_TRAY_ITEM: ("Open tray", Click.TRAY, Ref("tray", "1")),
}
_WHAT: Final = Mrkdwn(
    "Every week I say whether cash is enough, which records need fixing, which invoices to chase and which bills can"
    " wait. You decide; I keep the record and check later that the books agree. I never move money."
)
_POSTS: Final = Mrkdwn(
    "I will post one digest a week in the channel you choose; until you choose one, it comes to an owner as a direct"
    " message. Otherwise I write only to people who must decide something, or when cash is in danger. I read nobody’s"
    " messages."
)


def draw_welcome(result: OnboardingResult, scene: Scene) -> Message:
    hello = mrkdwn("Hello {}, I am Runway, here for *{}*.", who(result.installer), name(result.business_name))
    done = _finished(result, scene)
    steps = lines(*(_step(line, scene) for line in result.steps))
    asked = _spoken_for(result)
    blocks = [section(sentence(hello, _WHAT)), section(_POSTS), section(lines(_progress(result), steps))]
    blocks += [section(asked, accessory=button("Choose accounts…", Click.ACCOUNTS))] if asked else []
    text = lines(sentence(hello, _WHAT), _POSTS, _progress(result), steps, asked, done)
    return Message(text, (*blocks, *_next(result), context(done or Mrkdwn("`/runway help` lists what you can type."))))


def _spoken_for(result: OnboardingResult) -> Mrkdwn | None:
    if not result.spoken_for:
        return None
    named = listed([mrkdwn("*{}*", name(one)) for one in result.spoken_for[:5]])
    verb, they = ("counts", "Is that money") if len(result.spoken_for) == 1 else ("count", "Is all that money")
    return mrkdwn("Before you rely on the figures: {} {} as cash. {} free to spend?", named, Mrkdwn(verb), Mrkdwn(they))


def _progress(result: OnboardingResult) -> Mrkdwn:
    made = sum(line.done_at is not None for line in result.steps)
    return mrkdwn("*{} of {} steps done.*", str(made), str(len(result.steps)))


def _step(line: StepLine, scene: Scene) -> Mrkdwn:
    words = STEPS[line.step]
    if line.done_at is None:
        return mrkdwn("☐ To do: {}.", words)
    return mrkdwn("☑ Done {}: {}.", scene.moment(line.done_at), words)


def _next(result: OnboardingResult) -> tuple[Block, ...]:
    if result.next_step is None or result.next_step not in _NEXT:
        return ()
    text, click, ref = _NEXT[result.next_step]
    beside = button("Take a test drive", Click.TEST_DRIVE) if result.next_step is Step.BOOKS_CONNECTED else None
    return (actions(button(text, click, ref, style="primary"), beside),)


def _finished(result: OnboardingResult, scene: Scene) -> Mrkdwn | None:
    if result.next_step is not None:
        return None
    if result.digest_hour is None:
        return Mrkdwn("All set. `/runway` shows where you stand at any time.")
    when = scene.moment(result.digest_hour)
    return mrkdwn("All set. The next digest comes {}; `/runway` shows where you stand at any time.", when)
