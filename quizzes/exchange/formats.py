"""The file formats of questions. Other apps add theirs with `formats.add(...)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext as _

from lms.plugins.registry import Registry
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from quizzes.models import Question


class QuestionFormat:
    """A format. Reading needs no database and never writes anything."""

    key: ClassVar[str] = ""
    label: ClassVar[_StrOrPromise] = ""
    extensions: ClassVar[tuple[str, ...]] = ()  # with the dot, in small letters
    writes: ClassVar[bool] = False

    def recognises(self, name: str, content: bytes) -> bool:
        """Whether the file looks like one of this format; by its content where that tells."""
        return name.lower().endswith(self.extensions)

    def read(self, name: str, content: bytes) -> Iterator[Draft | Fault]:
        """The questions of the file in order, and what is wrong, where it is met.

        One bad question never ends the reading. Raises UnreadableFile for what is no such file.
        """
        raise NotImplementedError  # contract

    def write(self, questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
        """A file with these questions, and what the format cannot hold of them."""
        raise NotImplementedError  # contract


formats: Registry[QuestionFormat] = Registry(QuestionFormat)


def format_of(name: str, content: bytes) -> QuestionFormat:
    """The format of a file, by its content first. Raises UnreadableFile where none fits."""
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableFile(_("The file is empty."))
    for each in formats:
        if each.recognises(name, content):
            return each
    raise UnreadableFile(
        _("“%(name)s” is not a file of questions that can be read. Formats: %(formats)s.")
        % {"name": name, "formats": ", ".join(str(each.label) for each in formats)}
    )
