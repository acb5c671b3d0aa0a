"""Find the messages that Python files and Django templates ask gettext for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace

#: What each argument of a gettext function means, by the name of the function.
KEYWORDS = {
    "_": ("msgid",),
    "gettext": ("msgid",),
    "ngettext": ("msgid", "plural"),
    "pgettext": ("context", "msgid"),
    "npgettext": ("context", "msgid", "plural"),
}

_TRANSLATE = re.compile(r"^trans(late)?$")
_BLOCK = re.compile(r"^blocktrans(late)?$")
_CONSTANT = re.compile(r"""_\(\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')\s*\)""")


@dataclass(frozen=True, slots=True)
class Message:
    """One message, where it stands first in the file."""

    msgid: str
    path: Path
    line: int
    plural: str | None = None
    context: str | None = None

    @property
    def key(self) -> tuple[str | None, str]:
        """Return what a catalogue looks the message up by: context and msgid."""
        return self.context, self.msgid


@dataclass(frozen=True, slots=True)
class Flaw:
    """A call of gettext that no catalogue can answer, and why."""

    text: str
    path: Path
    line: int


def from_python(source: str, path: Path) -> Iterator[Message | Flaw]:
    """Yield the messages of a Python file in the order of its lines."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        meanings = KEYWORDS.get(_function_name(call))
        if meanings is None or not call.args:
            continue
        found: dict[str, str] = {}
        for meaning, argument in zip(meanings, call.args, strict=False):
            text, why_not = _literal(argument)
            if text is not None:
                found[meaning] = text
            elif why_not:
                yield Flaw(why_not, path, call.lineno)
        # An empty msgid is the header of a catalogue, never a message.
        if found.get("msgid") and len(found) == len(meanings):
            yield Message(path=path, line=call.lineno, **found)


def _function_name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.removesuffix("_lazy").removesuffix("_noop")
    return ""


def _literal(node: ast.expr) -> tuple[str | None, str]:
    """Return the text of a literal, or None and what is wrong with it.

    A plain variable is allowed and gives neither: it looks up a text that was marked elsewhere.
    """
    match node:
        case ast.Constant(value=str() as text):
            return text, ""
        case ast.JoinedStr():
            return None, "an f-string inside gettext: use a placeholder such as %(name)s"
        case ast.BinOp(op=ast.Mod()):
            return None, "% inside gettext: format the result of gettext instead"
        case ast.BinOp():
            return None, "a sum of strings inside gettext: write one literal"
        case ast.Call(func=ast.Attribute(attr="format")):
            return None, ".format() inside gettext: format the result of gettext instead"
    return None, ""


def from_template(source: str, path: Path) -> Iterator[Message | Flaw]:
    """Yield the messages of a Django template in the order of its lines."""
    tokens = iter(Lexer(source).tokenize())
    in_comment = False
    for token in tokens:
        if token.token_type is TokenType.BLOCK:
            words = token.split_contents()
            name = words[0] if words else ""
            if name in ("comment", "endcomment"):
                in_comment = name == "comment"
            if in_comment:
                continue
            if _BLOCK.match(name):
                yield from _block(token, words, tokens, path)
            elif _TRANSLATE.match(name):
                yield from _tag(token, words, path)
        if token.token_type in (TokenType.BLOCK, TokenType.VAR) and not in_comment:
            for match in _CONSTANT.finditer(token.contents):
                text = _unquoted(match[1])
                if text:
                    yield Message(_escaped(text), path, _line(token))


def _tag(token: Token, words: list[str], path: Path) -> Iterator[Message]:
    """Read {% translate "text" [context "context"] %}; filters on the text do not count."""
    text = _unquoted(words[1]) if len(words) > 1 else None
    if text:
        yield Message(_escaped(text), path, _line(token), context=_context(words))


def _block(
    token: Token, words: list[str], tokens: Iterator[Token], path: Path
) -> Iterator[Message | Flaw]:
    """Read {% blocktranslate %} up to its end; the options stand in its words."""
    parts: list[list[str]] = [[]]
    flaws: list[Flaw] = []
    for inner in tokens:
        if inner.token_type is TokenType.BLOCK:
            if inner.contents.strip() == "plural":
                parts.append([])
                continue
            if not inner.contents.strip().startswith("endblocktrans"):
                flaws.append(Flaw("a tag inside blocktranslate", path, _line(inner)))
                continue
            break
        if inner.token_type is TokenType.VAR:
            parts[-1].append(f"%({inner.contents})s")
            if not inner.contents.isidentifier():
                flaws.append(
                    Flaw(f"name {{{{ {inner.contents} }}}} with 'with'", path, _line(inner))
                )
        elif inner.token_type is TokenType.TEXT:
            parts[-1].append(inner.contents.replace("%", "%%"))
    texts = ["".join(part) for part in parts]
    if "trimmed" in words:
        texts = [trim_whitespace(text) for text in texts]
    yield from flaws
    if texts[0]:
        plural = texts[1] if len(texts) > 1 else None
        yield Message(texts[0], path, _line(token), plural=plural, context=_context(words))


def _line(token: Token) -> int:
    return token.lineno or 0


def _context(words: list[str]) -> str | None:
    """Return the literal after the word "context", which gives the message its context."""
    if "context" not in words[1:-1]:
        return None
    return _unquoted(words[words.index("context", 1) + 1])


def _unquoted(word: str) -> str | None:
    """Return the text of a quoted word, or None for the name of a variable."""
    quote = word[:1]
    if quote not in ('"', "'"):
        return None
    end = re.match(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""", word)
    if end is None:
        return None
    return end[0][1:-1].replace(f"\\{quote}", quote).replace("\\\\", "\\")


def _escaped(text: str) -> str:
    # Django doubles the percent signs of template literals before it looks them up.
    return text.replace("%", "%%")
