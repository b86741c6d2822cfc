"""What somebody who asks for the digest is told: it comes, it stands already, or nobody knows and a person looks."""

from bot.actions import Ref
from bot.views.blocks import Block, Message, actions, button, confirm, section
from bot.views.escape import Mrkdwn, channel, link, mrkdwn, sentence
from bot.views.ids import Click
from bot.views.scene import Scene
from orchestrators.digest_orders import DoubtfulDigest, RunTicket, StandingDigest

IF_NOT = Mrkdwn("If it cannot be posted, the admins are told why.")


def draw_ordered(ticket: RunTicket) -> Message:
    if not ticket.fresh:
        return Message(sentence(Mrkdwn("The digest is on its way already."), IF_NOT))
    if ticket.update:
        return Message(
            Mrkdwn("The digest is being built anew. The message that stands is edited, and says when and by whom.")
        )
    return Message(sentence(Mrkdwn("The digest is being built and posted now."), IF_NOT))


def draw_standing(found: StandingDigest, scene: Scene, url: str | None) -> Message:
    """With the way to the message, and one explicit button for whoever wants newer figures in it."""
    posted = mrkdwn("This week’s digest was posted {}", scene.moment(found.at))
    if found.place is None:
        said = mrkdwn("{}, and its message was deleted since. Nothing was posted again.", posted)
        return _offering(said, button("Post it again", Click.DIGEST_UPDATE, Ref("digest", found.run_id)))
    look = mrkdwn("{}.", link(url, "See it")) if url else None
    said = sentence(mrkdwn("{}{}.", posted, _where(found.place.channel)), look, Mrkdwn("Nothing was posted again."))
    asked = confirm(
        "Update the digest?",
        "The message that stands is edited with the figures of now. It says when and by whom.",
        "Update it",
    )
    return _offering(said, button("Update it", Click.DIGEST_UPDATE, Ref("digest", found.run_id), confirm=asked))


def draw_doubtful(found: DoubtfulDigest) -> Message:
    said = Mrkdwn(
        "Slack did not say whether it took this week’s digest. Nothing was posted again: please look whether it is "
        "there, and post it only if it is not."
    )
    return _offering(said, button("Post it now", Click.DIGEST_AGAIN, Ref("digest", found.run_id)))


def _offering(said: Mrkdwn, offered: Block) -> Message:
    return Message(said, (section(said), actions(offered)))


def _where(slack_channel: str | None) -> Mrkdwn:
    """A direct message has no name that would tell anybody more."""
    if slack_channel is None or slack_channel.startswith("D"):
        return Mrkdwn("")
    return mrkdwn(" in {}", channel(slack_channel))
