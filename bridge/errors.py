"""Errors are named after what to do next, so that no caller parses a message.

    StorebridgeError
    ├── NotAuthentic     the sender is not who it claims to be: refuse, store nothing
    ├── TryLater         put the job back; ``after`` says for how many seconds
    │   └── Unclear      a write may or may not have happened: read back before anything else
    ├── GiveUp           no retry will help; the job fails with the sentence
    │   └── Disconnected the connection itself is gone (token revoked, shop closed)
    ├── AskHuman         a person must decide or repair something; the job waits with the sentence
    │   └── AccessLost   the platform renews our access no more, until the app is opened or installed again
    └── WrongSettings    the process must not start; the sentence names the setting

Every message is a sentence that may be shown to a store owner: no secrets, no personal data, no markup.
"""


class StorebridgeError(Exception):
    """Base of all errors we raise on purpose; ``str(error)`` is a sentence for people."""


class NotAuthentic(StorebridgeError):
    """A delivery or callback failed verification."""


class TryLater(StorebridgeError):
    """The same work may succeed after ``after`` seconds. ``counts`` is false when waiting is no failed attempt."""

    def __init__(self, message: str, after: float = 5.0, *, counts: bool = True) -> None:
        super().__init__(message)
        self.after = after
        self.counts = counts


class Unclear(TryLater):
    """A write was sent and its answer is unknown."""


class GiveUp(StorebridgeError):
    """Repeating this cannot succeed."""


class Disconnected(GiveUp):
    """The platform no longer accepts us for this connection."""


class AskHuman(StorebridgeError):
    """Work stops until a person acts. ``pause`` asks for the whole connection to be paused."""

    def __init__(self, message: str, *, pause: bool = False) -> None:
        super().__init__(message)
        self.pause = pause


class AccessLost(AskHuman):
    """Our access ended and cannot be renewed; the connection is paused until somebody opens or installs the app."""

    def __init__(self, message: str) -> None:
        super().__init__(message, pause=True)


class WrongSettings(StorebridgeError):
    """A setting is missing or makes no sense."""
