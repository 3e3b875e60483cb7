"""What the package raises."""

from typing import Iterable, NamedTuple


class Error(Exception):
    """What this package raises, besides `TypeError`, `ValueError` and `IndexError` for wrong arguments."""


class Refused(Error):
    """It was verified and is wrong, or the rules of the election or the board refuse it."""


class Unreadable(Error, ValueError):
    """A folder that is no record, or bytes or text that are not what they should be."""


class Mistake(NamedTuple):
    """A mistake in a manifest: where it is, what stands there (empty if nothing does), and what would be right."""

    path: str
    value: str
    expected: str


class ManifestError(Error, ValueError):
    """A manifest with mistakes, of which it has all."""

    mistakes: list[Mistake]

    def __init__(self, text: str, mistakes: Iterable[tuple[str, str, str]] = ()) -> None:
        super().__init__(text)
        self.mistakes = [Mistake(*mistake) for mistake in mistakes]
