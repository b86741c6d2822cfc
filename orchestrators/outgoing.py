"""Work whose end is a message in Slack: posted once, edited from then on."""

from dataclasses import dataclass

from kit.jobs import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverDigest(Job):
    """Build and post one run; resumes at the run's state."""

    run_id: str

    @property
    def serial(self) -> str:
        return f"digest:{self.run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrawMessage(Job):
    """Render one message from the state of what it speaks of. Edits of one message never overtake each other."""

    lane = Lane.INTERACTIVE
    message_id: str

    @property
    def serial(self) -> str:
        return f"message:{self.message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshHomes(Job):
    """Publish App Home again for everybody who opened it."""

    lane = Lane.INTERACTIVE

    @property
    def serial(self) -> str:
        return "homes"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellApprovers(Job):
    """The queue of decisions changed: whose turn is it now? `reminder`: it has been their turn for a while."""

    reminder: bool = False

    @property
    def serial(self) -> str:
        return "approvers"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellTurn(Job):
    """Bring one approver what waits for them, in the one message of their day."""

    lane = Lane.INTERACTIVE
    slack_user: str
    reminder: bool = False

    @property
    def serial(self) -> str:
        return f"your_turn:{self.slack_user}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPerson(Job):
    """Bring one person's alerts of one local day to them, in one message."""

    slack_user: str
    day: str

    @property
    def serial(self) -> str:
        return f"alerts:{self.slack_user}:{self.day}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowProgress(Job):
    """Edit the message of a running sync, until the run has ended."""

    run_id: str

    @property
    def serial(self) -> str:
        return f"progress:{self.run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowFirstSteps(Job):
    """Edit the welcome message: a step may have become true."""

    @property
    def serial(self) -> str:
        return "welcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAlerts(Job):
    """Look whether anything became alarming, or stopped being so."""

    @property
    def serial(self) -> str:
        return "review"
