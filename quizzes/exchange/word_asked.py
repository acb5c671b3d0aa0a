"""A question of a test as it stands there, before anything of it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from quizzes.exchange.word_keys import KeyTable
from quizzes.exchange.word_lines import Block, Line
from quizzes.exchange.word_signs import Field


@dataclass
class Choice:
    """An option as it stands there: the sign "B." and what follows."""

    letter: str
    sign: Line
    blocks: list[Block]
    is_starred: bool = False


@dataclass
class Asked:
    """A question as it stands there."""

    number: int
    category: tuple[str, ...] = ()
    is_essay: bool = False  # it stands in a part for essays
    header: str = ""  # what stands in brackets after its number
    stem: list[Block] = field(default_factory=list)
    options: list[Choice] = field(default_factory=list)
    fields: list[tuple[Field, list[Block]]] = field(default_factory=list)
    from_table: list[Block] = field(default_factory=list)  # said of it in the part with keys
    strays: list[str] = field(default_factory=list)  # lines taken for the rest of an option

    def said(self, name: str) -> list[list[Block]]:
        """All fields of that name."""
        return [blocks for each, blocks in self.fields if each.name == name]

    def texts(self, name: str) -> list[str]:
        """What fields of that name say, on one line each."""
        return [
            text
            for blocks in self.said(name)
            if (text := " ".join(each.text.strip() for each in blocks).strip())
        ]

    @property
    def is_complete(self) -> bool:
        """Whether a next question may begin."""
        return bool(self.options or self.fields)


@dataclass
class Sheet:
    """All that was found."""

    asked: list[Asked] = field(default_factory=list)
    keys: KeyTable = field(default_factory=KeyTable)
    tables_of_questions: int = 0
    lost: int = 0  # options and keys that belong to no question
    versions: int = 0  # tables of keys that cannot be told to questions


def joined(option: Choice) -> list[Block]:
    """The option as the lines that it was."""
    first = option.blocks[0] if option.blocks else Line()
    if isinstance(first, Line):
        return [Line((*option.sign.pieces, *first.pieces)), *option.blocks[1:]]
    return [option.sign, *option.blocks]
