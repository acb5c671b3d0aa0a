"""Tables whose cells are the options of a question."""

from __future__ import annotations

import re
from dataclasses import replace

from quizzes.exchange.word_keys import LETTERS
from quizzes.exchange.word_lines import Line, Table


def options_of_table(table: Table) -> list[Line]:
    """Its lines where each cell is an option, or a letter and beside it its text; by letter."""
    lines: list[Line] = []
    for row in table.rows:
        sign: Line | None = None
        for cell in row:
            own = [each for each in cell.blocks if isinstance(each, Line) and not each.is_empty]
            if len(own) != len([each for each in cell.blocks if each.text.strip()]):
                return []  # a table in a cell
            if sign is not None and own:
                own = [Line((*sign.pieces, *own[0].pieces)), *own[1:]]
                sign = None
            elif len(own) == 1 and re.fullmatch(r"\s*\*?[A-Ha-h][.)]?\s*", own[0].text):
                sign = _dotted(own[0].stripped())
                continue
            lines += own
        if sign is not None:
            return []
    groups: list[tuple[str, list[Line]]] = []
    for line in lines:
        found = re.match(r"\s*\*?[(\[]?([A-Ha-h])\*?\s?[.)\]:/]", line.text)
        if found and (not groups or found[1].isupper() == groups[0][0].isupper()):
            groups.append((found[1], [line]))
        elif groups:
            groups[-1][1].append(line)
        else:
            return []
    groups.sort(key=lambda each: each[0])
    letters = "".join(letter for letter, _lines in groups).upper()
    is_whole = len(letters) > 1 and LETTERS.startswith(letters)
    return [line for _letter, group in groups for line in group] if is_whole else []


def _dotted(sign: Line) -> Line:
    """A letter alone as the sign of an option."""
    last = sign.pieces[-1]
    return sign if sign.text[-1] in ".)" else Line((*sign.pieces, replace(last, text=".")))
