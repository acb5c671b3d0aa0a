"""The tables of docs/imports: what each file of others brings, compared with what it brings now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from django.utils import translation

from quizzes.contracts import question_types
from quizzes.exchange.drafts import Fault, UnreadableFile
from quizzes.exchange.formats import QuestionFormat
from quizzes.exchange.loading import Reading, _reasons

DOCS = Path(__file__).resolve().parents[2] / "docs" / "imports"
HEAD = ("| file | questions | imported | why the rest not; what is lost |", "|---|---|---|---|")


def row(format: QuestionFormat, path: Path) -> str:
    """The line of the table for one file."""
    with translation.override("en"):
        found, reasons, number = Reading(format), [], 0
        try:
            for each in format.read(path.name, path.read_bytes()):
                number += 1
                if isinstance(each, Fault):
                    reasons.append(f"{each.place}: {each.message}")
                    continue
                wrong = _reasons(each)
                reasons += [f"{each.place}: {reason}" for reason in wrong]
                reasons += [f"{each.place} (imported): {note}" for note in each.notes]
                if not wrong:
                    found.drafts.append(each)
        except UnreadableFile as error:
            reasons.append(str(error))
    kinds = ", ".join(f"{kind} {count}" for kind, count in found.counts.items())
    said = "; ".join(reasons).replace("|", "\\|")
    return f"| {path.parent.name}/{path.name} | {number} | {kinds or '–'} | {said or '–'} |"


def check_table(name: str, format: QuestionFormat, files: Iterable[Path]) -> None:
    """Fails where docs/imports/<name>.md says anything else than what the files bring."""
    if "essay" not in question_types:
        pytest.skip("essays are not installed")
    expected = [*HEAD, *(row(format, path) for path in sorted(files))]
    lines = (DOCS / f"{name}.md").read_text(encoding="utf-8").splitlines()
    start = lines.index(HEAD[0])
    table = [line for line in lines[start:] if line.startswith("|")]
    assert table == expected, "the table is stale; it must be:\n" + "\n".join(expected)
