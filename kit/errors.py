"""Every way Runway says no, on one screen: what a caller does next is the class, never the text.

RunwayError
├── Refused            a person asked for what cannot be: tell them, never retry
│   ├── NotAllowed     … because of who they are; names who can
│   ├── Outdated       … because the world changed since the card was drawn; redraw it
│   └── Gone           … because what it was for has left; a job that meets this has nothing left to do
├── Busy               not now: try again after `retry_after` seconds, no attempt burned
├── VendorFault        a vendor answered with a fault that repeating will not mend
├── LeaseLost          another worker owns this job by now: discard, touch nothing
└── Misconfigured      the process must not start; the sentence names the variable or the port and why

Anything else is a bug: logged under a reference the person can quote.
"""

from dataclasses import dataclass


class RunwayError(Exception):
    """Root of the tree."""


class Refused(RunwayError):
    """`str(error)` is the sentence shown to the person."""


class NotAllowed(Refused):
    """The person may not do this; the sentence names who can help."""


class Outdated(Refused):
    """What the person saw is no longer so; nothing was done and the card must be redrawn."""


class Gone(Refused):
    """What was to be worked on left meanwhile: nothing to do, and nothing to mend."""


class Busy(RunwayError):
    """Worth another try after `retry_after` seconds."""

    def __init__(self, reason: str, *, retry_after: float) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class FaultDetail:
    """What support needs to find a vendor's fault: their code and their reference."""

    vendor: str
    code: str
    reference: str | None = None


class VendorFault(RunwayError):
    """Repeating the same call would fail the same way. The vendor's own text never reaches a person."""

    def __init__(self, reason: str, detail: FaultDetail) -> None:
        super().__init__(reason)
        self.detail = detail


class LeaseLost(RunwayError):
    """The job's lease went to another worker while this one was away."""


class Misconfigured(RunwayError):
    """Stops the process at start."""
