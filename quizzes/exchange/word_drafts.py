"""From what stands in a test to drafts; what contradicts itself or lacks its key is a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from django.utils.html import escape
from django.utils.translation import gettext as _

from lms.plugins.vietnamese import fold
from quizzes.exchange import word_keys as keys
from quizzes.exchange.drafts import Draft
from quizzes.exchange.kind_names import kind_of
from quizzes.exchange.word_agreement import agreed, check_letters
from quizzes.exchange.word_asked import Asked, Choice, joined
from quizzes.exchange.word_fields import category_of, points_of, tags_of
from quizzes.exchange.word_keys import Evidence
from quizzes.exchange.word_lines import (
    FEATURES,
    Block,
    Line,
    Piece,
    html_of,
    losses_of,
    without_whole,
)
from quizzes.exchange.word_written import Unclear, gap_count, gaps_of, typed

CHOICES: Final = ("single_choice", "multiple_choice", "true_false")
TRUTHS: Final = (("Đ", "Đúng"), ("S", "Sai"))


class Judged:
    """A question, judged by all that the test says of it."""

    def __init__(
        self,
        asked: Asked,
        place: str,
        table: keys.KeyTable,
        media: dict[str, bytes],
        *,
        is_double: bool,
    ) -> None:
        self.asked, self.place, self.table, self.media = asked, place, table, media
        self.is_double = is_double
        self.notes: list[str] = []
        self.explained: list[str] = []  # what stands behind a key is its reason

    def draft(self) -> Draft:
        """The question. Raises Unclear."""
        asked = self.asked
        lost = losses_of(self.blocks())
        if lost.faults:
            raise Unclear(lost.faults[0])
        kind = self.kind()
        told = self.table.keys.get(asked.number)
        if told and self.is_double:
            raise Unclear(
                _("Several questions have this number; the table of keys does not say which one.")
            )
        if asked.number in self.table.doubtful:
            raise Unclear(_("The table of keys has two different keys for this question."))
        if asked.options and kind in ("", *CHOICES):
            if kind or told or not (asked.is_essay and self.is_prose()):
                return self.made(*self.choice(kind, told))
            self.fold_options()
        elif asked.options and kind:
            self.fold_options()
        return self.made(*self.open(kind, told))

    def blocks(self) -> Iterator[Block]:
        yield from self.asked.stem
        yield from self.asked.from_table
        for option in self.asked.options:
            yield from option.blocks
        for _field, blocks in self.asked.fields:
            yield from blocks

    def fold_options(self) -> None:
        """Letters that are parts of the question, not options."""
        for option in self.asked.options:
            self.asked.stem += joined(option)
        self.asked.options = []

    def is_prose(self) -> bool:
        """Whether neither a key nor a star says that letters in a part for essays are options."""
        written = self.written_key()
        is_key = keys.letters_of(written) or keys.led_letter(written)[0] or keys.truths_of(written)
        return not is_key and not any(keys.starred(self.asked.options))

    def kind(self) -> str:
        said = " ".join(self.asked.texts("kind"))
        if not said:
            header = fold(self.asked.header)
            return "essay" if "tu luan" in header else ""
        found = kind_of(said)
        if found not in (*CHOICES, "short_answer", "numeric", "gaps", "essay"):
            raise Unclear(
                _("Questions of the kind “%(kind)s” are not read from Word. Use a table.")
                % {"kind": said}
            )
        return found

    def written_key(self) -> str:
        """The line behind "Đáp án:"; the lines after it explain it."""
        found = [blocks for blocks in self.asked.said("key") if html_of(blocks)]
        if not found:
            return ""
        lines = {" ".join(blocks[0].text.split()) for blocks in found}
        if len(lines) > 1:
            raise Unclear(_("It has two keys: %(keys)s.") % {"keys": " – ".join(sorted(lines))})
        return next(iter(lines))

    # Choosing

    def choice(self, kind: str, told: list[str] | None) -> tuple[str, dict[str, Any]]:
        """Kind and own part of a question with options."""
        options = self.asked.options
        check_letters(options)
        written = self.written_key()
        truths = keys.truths_of(written)
        if truths and options[0].letter == "A" and len(truths) > 1:
            return self.statements(truths)
        found = list(self.evidence())
        if told:
            found.insert(0, Evidence("table", tuple(self.by_text(told))))
        if written:
            found.insert(0, Evidence("written", tuple(self.letters(written, options))))
        right = agreed(found, options)
        texts = [self.option_text(each) for each in options]
        if kind in ("single_choice", "true_false") and len(right) > 1:
            raise Unclear(_("The key has several letters, but only one can be chosen."))
        if not kind:
            kind = "multiple_choice" if len(right) > 1 else "single_choice"
            if len(right) == 1 and sorted(map(_folded, options)) == ["dung", "sai"]:
                kind = "true_false"
        rows = [
            {
                "text": text,
                "correct": option.letter in right,
                "feedback": self.feedback(option.letter),
            }
            for option, text in zip(options, texts, strict=True)
        ]
        return kind, {"options": rows}

    def evidence(self) -> list[Evidence]:
        """What signs and looks say."""
        options = self.asked.options
        found = [*keys.starred(options), *keys.looking(options)]
        return found

    def letters(self, written: str, options: list[Choice]) -> list[str]:
        """The letters that the line with the key names, by letter or by text."""
        known = [each.letter for each in options]
        same = [each.letter for each in options if keys.same_words(_words(each), written)]
        if len(same) == 1:
            return same
        letters = [keys.truth_of(written)] if known[0] in "ĐS" else keys.letters_of(written)
        if not any(letters):
            letter, words = keys.led_letter(written)
            self.check_words(letter, words, options)
            letters = [letter]
        if not any(letters):
            raise Unclear(_("The key “%(key)s” is none of its options.") % {"key": written})
        return self.by_text(letters)

    def check_words(self, letter: str, words: str, options: list[Choice]) -> None:
        """What stands behind the letter of a key: the option's text, or a reason."""
        for each in options:
            if keys.same_words(_words(each), words):
                if each.letter != letter:
                    raise Unclear(
                        _("The key says %(letter)s, but its text is that of %(other)s.")
                        % {"letter": letter, "other": each.letter}
                    )
                return
        if re.match(r"[A-Ha-h](?!\w)", words):  # "A-C", "A, B hoặc C"
            raise Unclear(_("The key “%(key)s” is not clear.") % {"key": f"{letter} … {words}"})
        if words:
            self.explained.append(f"<p>{escape(words)}</p>")

    def by_text(self, letters: list[str]) -> list[str]:
        """Letters that the question has; Đ and S where "Đúng" and "Sai" are its options."""
        options = self.asked.options
        known = [each.letter for each in options]
        texts = [_folded(each) for each in options]
        named = {"Đ": "dung", "S": "sai"}
        found = [
            known[texts.index(named[each])] if each in named and named[each] in texts else each
            for each in letters
        ]
        missing = [each for each in found if each not in known]
        if missing:
            raise Unclear(
                _("The key is %(letter)s, but there is no such option.")
                % {"letter": ", ".join(missing)}
            )
        return found

    def statements(self, truths: dict[str, str]) -> tuple[str, dict[str, Any]]:
        """Statements that are true or false each: sorted into two groups."""
        options = self.asked.options
        if list(truths) != [each.letter for each in options]:
            raise Unclear(_("The key does not say of each statement whether it is true."))
        if any(map(self.feedback, truths)):
            self.notes.append(_("Feedback on single statements is left out."))
        return "grouping", {
            "groups": [
                {
                    "name": name,
                    "items": [
                        {"value": self.option_text(each)}
                        for each in options
                        if truths[each.letter] == sign
                    ],
                }
                for sign, name in TRUTHS
            ]
        }

    def option_text(self, option: Choice) -> str:
        lines = [each for each in option.blocks if isinstance(each, Line)]
        if len(lines) == len(option.blocks):
            shown = html_of(without_whole(lines, (*FEATURES, "italic")))
        else:
            shown = html_of(option.blocks)
        if not shown:
            raise Unclear(_("Option %(letter)s has no text.") % {"letter": option.letter})
        return shown

    def feedback(self, letter: str) -> str:
        names = {letter, {"Đ": "ĐÚNG", "S": "SAI"}.get(letter, letter)}
        return "".join(
            html_of(blocks)
            for each, blocks in self.asked.fields
            if each.name == "feedback" and each.which.upper() in names
        )

    # Writing

    def open(self, kind: str, told: list[str] | None) -> tuple[str, dict[str, Any]]:
        """Kind and own part of a question without options."""
        asked = self.asked
        written = self.written_key()
        if kind == "essay" or (not kind and asked.is_essay and not told):
            guidance = [html_of(each) for each in (*asked.said("guidance"), *asked.said("key"))]
            return "essay", {"guidance": "".join([*guidance, html_of(asked.from_table)])}
        said = told or ([keys.truth_of(written)] if keys.truth_of(written) else [])
        if told and written and told != said:
            raise Unclear(_("The table of keys and the key of the question disagree."))
        truth = next((each for each in said if each in "ĐS"), "")
        if truth and kind in ("", "true_false") and self.is_truth(written, kind):
            rows = [
                {"text": text, "correct": sign == truth, "feedback": self.feedback(sign)}
                for sign, text in TRUTHS
            ]
            return "true_false", {"options": rows}
        if told or (not kind and keys.letters_of(written) and len(written) < 12):
            raise Unclear(
                _("Its key is a letter, but no options were found. They must begin with A., B. …")
            )
        if kind in CHOICES:
            raise Unclear(_("No options were found. They must begin with A., B. …"))
        if not written:
            raise Unclear(
                _(
                    "It has neither options nor a key. Where a text is to be written, put it under"
                    " a heading “Tự luận” or add the line “Loại: Tự luận”."
                )
            )
        return typed(kind, written, asked, gap_count(asked.stem))

    def is_truth(self, written: str, kind: str) -> bool:
        """Whether a key such as "S" or "Đúng" answers a statement, not a gap."""
        return bool(kind) or len(written.strip(" .")) > 1 or gap_count(self.asked.stem) == 0

    # What all have

    def made(self, type_key: str, written: dict[str, Any]) -> Draft:
        asked = self.asked
        stem = without_whole([e for e in asked.stem if isinstance(e, Line)], (*FEATURES, "italic"))
        lines = iter(stem)
        blocks = [next(lines) if isinstance(each, Line) else each for each in asked.stem]
        prompt = html_of(blocks)
        if type_key == "gaps":
            prompt, written = gaps_of(blocks, written)
        if not prompt:
            raise Unclear(_("It has no text."))
        if asked.strays:
            self.notes.append(
                _("This line was taken for a part of the option before it: “%(line)s”.")
                % {"line": asked.strays[0][:100]}
            )
        lost = losses_of(self.blocks())
        self.notes += lost.notes
        return Draft(
            place=self.place,
            type_key=type_key,
            prompt=prompt,
            written=written,
            name=" ".join(self.asked.texts("name")),
            code=" ".join(self.asked.texts("code")),
            explanation="".join(self.explanation(type_key)),
            hints=[html_of(each) for each in asked.said("hint") if html_of(each)],
            points=points_of(asked),
            category=category_of(asked),
            tags=tuple(dict.fromkeys(tags_of(asked))),
            pictures={
                name.rpartition("/")[2]: self.media[name]
                for name in lost.pictures
                if name in self.media
            },
            notes=self.notes,
        )

    def explanation(self, type_key: str) -> Iterator[str]:
        asked = self.asked
        yield from self.explained
        if type_key != "essay":
            for blocks in asked.said("key"):
                yield html_of(blocks[1:])
            yield html_of(asked.from_table)
            for blocks in asked.said("guidance"):
                yield html_of(blocks)
        for blocks in asked.said("explanation"):
            yield html_of(blocks)
        for blocks in asked.said("basis"):
            first, *rest = blocks or [Line()]
            if isinstance(first, Line):
                first = Line((Piece(_BASIS), *first.pieces))
            if blocks:
                yield html_of([first, *rest])


_BASIS: Final = "Căn cứ: "


def _folded(option: Choice) -> str:
    return fold(_words(option)).strip(" .;")


def _words(option: Choice) -> str:
    return " ".join(block.text.strip() for block in option.blocks)
