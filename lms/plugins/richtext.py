"""What is kept of rich text when it is written: one function, `clean(html, profile)`.

Two steps. A sanitiser that parses as browsers do (nh3; or bleach, by LMS_RICHTEXT_BACKEND) drops
every element and attribute that the profile does not know. Then `_Writer` writes what is left in
one canonical form, checks each value, and can itself write nothing but allowed elements, checked
attributes and escaped text, so that a fault in a sanitiser alone lets nothing through. Both
repeat until nothing changes: cleaning what was cleaned gives the same text.

Kept of Wagtail's database format: `<a id="3" linktype="page">`, `<embed embedtype="image" …/>` in
XML style (Wagtail finds it by "/>") and `data-block-key`, by which editors and comments know a
block. Attributes stand in the order of the alphabet, as Wagtail writes them.
"""

from __future__ import annotations

import enum
import functools
import html as markup
import importlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Final

import nh3
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

MAX_CHARS: Final = 250_000
MAX_DEPTH: Final = 200
MAX_REPEATS: Final = 500_000
PASSES: Final = 8


class Profile(enum.Enum):
    """Whose text it is: learners write paragraphs and lists, teachers whole lessons."""

    LEARNER = "learner"
    TEACHER = "teacher"
    PLAIN = "plain"  # no elements at all, a line for each block; still escaped for HTML


_KEY: Final = frozenset({"data-block-key"})
_LEARNER: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("p", "ul", "li", "blockquote", "pre"), _KEY),
    "ol": _KEY | {"start"},
    **dict.fromkeys(("b", "br", "code", "em", "i", "s", "strong", "sub", "sup"), frozenset[str]()),
    "a": frozenset({"href", "title"}),
}
_TEACHER: Final[dict[str, frozenset[str]]] = {
    **_LEARNER,
    "a": frozenset({"href", "id", "lang", "linktype", "title"}),
    **dict.fromkeys(("h2", "h3", "h4"), _KEY | {"lang"}),
    "p": _KEY | {"class", "lang"},
    "blockquote": _KEY | {"lang"},
    "li": _KEY | {"lang"},
    "hr": _KEY,
    **dict.fromkeys(("em", "i"), frozenset({"lang"})),
    "abbr": frozenset({"lang", "title"}),
    "table": frozenset({"class"}),
    "td": frozenset({"class", "colspan", "lang", "rowspan"}),
    "th": frozenset({"class", "colspan", "lang", "rowspan", "scope"}),
    "figure": frozenset({"class"}),
    "img": frozenset({"alt", "height", "src", "width"}),
    "embed": frozenset({"alt", "embedtype", "format", "id", "url"}),
    **dict.fromkeys(
        ("caption", "details", "figcaption", "summary", "tbody", "tfoot", "thead", "tr"),
        frozenset[str](),
    ),
}
_RULES: Final[dict[Profile, dict[str, frozenset[str]]]] = {
    Profile.LEARNER: _LEARNER,
    Profile.TEACHER: _TEACHER,
    Profile.PLAIN: {},
}
# Where a profile does not know them, a line ends, so that no words run together.
_PARTING: Final = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br caption dd details div dl dt figcaption figure footer"
        " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th tr ul",
    )
)
_VOID: Final = frozenset({"br", "embed", "hr", "img"})
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})

# Classes by which our style sheets know a variant of an element.
CLASSES: Final = {
    "figure": frozenset({"left", "right", "wide"}),
    "p": frozenset({"lead", "note"}),
    "table": frozenset({"compact"}),
    "td": frozenset({"center", "number"}),
    "th": frozenset({"center", "number"}),
}

_PATTERNS: Final = {
    "colspan": re.compile(r"[1-9][0-9]?"),
    "data-block-key": re.compile(r"[A-Za-z0-9]{1,16}"),
    "embedtype": re.compile(r"image|media"),
    "format": re.compile(r"[A-Za-z0-9_-]{1,40}"),
    "height": re.compile(r"[1-9][0-9]{0,3}"),
    "id": re.compile(r"[1-9][0-9]{0,17}"),
    "lang": re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}"),
    "linktype": re.compile(r"document|page"),
    "rowspan": re.compile(r"[1-9][0-9]?"),
    "scope": re.compile(r"col|colgroup|row|rowgroup"),
    "start": re.compile(r"[0-9]{1,4}"),
    "width": re.compile(r"[1-9][0-9]{0,3}"),
}

# A formatting element, with its attributes where they are plain enough to tell kinds apart.
_FORMATTING: Final = re.compile(
    r"<(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)(?=[\s/>])"
    r"((?:\s++[\w:-]++(?:\s*+=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'=<>`]++))?+)*+\s*+>)?",
    re.IGNORECASE,
)

# Controls and surrogates are no text: databases and XML refuse them. Form feeds part words.
_UNWANTED: Final = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)),
    0x09: "\t",
    0x0A: "\n",
    0x0C: " ",
}


def _text(value: str) -> str:
    lines = value.replace("\r\n", "\n").replace("\r", "\n").translate(_UNWANTED)
    return unicodedata.normalize("NFC", lines)


def _escaped(text: str) -> str:
    escaped = markup.escape(text, quote=False)
    # This mark would fuse with the ">" of the tag before it when somebody normalises the whole.
    return f"&#x338;{escaped[1:]}" if escaped.startswith("\u0338") else escaped


def _link(value: str) -> str | None:
    """An address that may stand in a link, without what browsers ignore in it."""
    address = re.sub(r"[\x00-\x1f\x7f-\x9f]", "", value).strip()
    # Unescaped once more, for whoever reads it twice: "&amp;#106;avascript:".
    for reading in (address, re.sub(r"\s", "", markup.unescape(address))):
        scheme = re.match(r"([^/?#:]*):", reading)
        if scheme and scheme[1].lower() not in _SCHEMES:
            return None
    if not address or re.match(r"[/\\]?\\", address):  # browsers read a backslash as a slash
        return None
    return address


def _local(value: str) -> str | None:
    """An address on this site, from its root."""
    address = _link(value)
    return address if address and re.match(r"/[^/\\]", address) else None


def _checked(tag: str, name: str, value: str) -> str | None:
    """The value as it may be written, or None where the attribute must go."""
    if name in {"alt", "title"}:
        return _text(value)
    if name == "class":
        allowed = CLASSES[tag]
        return " ".join(sorted({part for part in value.split() if part in allowed})) or None
    if name == "href":
        return _link(value)
    if name == "src":
        return _local(value)
    if name == "url":
        address = _link(value)
        return address if address and address.lower().startswith("https://") else None
    return value if _PATTERNS[name].fullmatch(value) else None


def _whole(tag: str, attributes: dict[str, str]) -> dict[str, str] | None:
    """The attributes with which an element means something, or None where it means nothing."""
    if tag == "a":
        if {"id", "linktype"} <= attributes.keys():
            return {name: attributes[name] for name in attributes if name != "href"}
        if "href" not in attributes:
            return None
        kept = {name: attributes[name] for name in attributes if name not in {"id", "linktype"}}
        if re.match(r"https?:|//", kept["href"], re.IGNORECASE):
            kept["rel"] = "noopener noreferrer"
        return kept
    if tag == "embed":
        needed = {"image": "id", "media": "url"}.get(attributes.get("embedtype", ""))
        return attributes if needed in attributes else None
    if tag == "img":
        return {"alt": "", **attributes} if "src" in attributes else None
    return attributes


class _Writer(HTMLParser):
    """Writes sanitised HTML in the canonical form, and never anything that is not allowed."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(convert_charrefs=True)
        self._rules = _RULES[profile]
        self._written: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def result(self, html: str) -> str:
        self.feed(html)
        self.close()
        while self._open:
            self._end()
        return "".join(self._written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._rules:
            self._part(tag)
            return
        checked = {
            name: value
            for name, given in attrs
            if name in self._rules[tag] and (value := _checked(tag, name, given or "")) is not None
        }
        kept = _whole(tag, checked)
        if kept is not None:
            pairs = "".join(f' {name}="{markup.escape(kept[name])}"' for name in sorted(kept))
            self._written.append(f"<{tag}{pairs}{'/' if tag in _VOID else ''}>")
        if tag not in _VOID:
            self._open.append((tag, kept is not None))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._rules:
            self._part(tag)
        while any(tag == name for name, _ in self._open):
            if self._end() == tag:
                break

    def handle_data(self, data: str) -> None:
        self._written.append(_escaped(_text(data)))

    def _part(self, tag: str) -> None:
        if tag in _PARTING:
            self._written.append("\n")

    def _end(self) -> str:
        tag, written = self._open.pop()
        if written:
            self._written.append(f"</{tag}>")
        return tag


def _nh3(profile: Profile) -> Callable[[str], str]:
    rules = _RULES[profile]
    cleaner = nh3.Cleaner(
        tags={*rules, *_PARTING},
        attributes={tag: set(names) for tag, names in rules.items() if names},
        url_schemes=set(_SCHEMES),
        link_rel=None,
    )
    return cleaner.clean


def _bleach(profile: Profile) -> Callable[[str], str]:
    rules = _RULES[profile]
    cleaner = importlib.import_module("bleach.sanitizer").Cleaner(
        tags={*rules, *_PARTING},
        attributes={tag: sorted(names) for tag, names in rules.items()},
        protocols=set(_SCHEMES),
        strip=True,
    )

    return lambda html: str(cleaner.clean(html))


_BACKENDS: Final = {"nh3": _nh3, "bleach": _bleach}


@functools.cache
def _sanitiser(backend: str, profile: Profile) -> Callable[[str], str]:
    return _BACKENDS[backend](profile)


def _backend() -> str:
    try:
        name = str(getattr(settings, "LMS_RICHTEXT_BACKEND", "nh3"))
    except ImproperlyConfigured:  # no settings at all, as in a script
        return "nh3"
    if name not in _BACKENDS:
        raise ImproperlyConfigured(f"LMS_RICHTEXT_BACKEND: {name!r} is none of {[*_BACKENDS]}")
    return name


def _is_excessive(html: str) -> bool:
    """Whether parsing could take long, by its two costs that grow faster than the text.

    Time grows with the square of the depth; and parsers open unclosed formatting elements anew in
    every block, up to three of each kind. Errs on the side of yes.
    """
    if len(html) > MAX_CHARS:
        return True
    depth, tags, unclosed = 0, 0, Counter[str]()
    for slash, name in re.findall(r"<(/?)([a-zA-Z][^\s/>]*)", html):
        tag, tags = name.lower(), tags + 1
        if tag in {"br", "hr", "img", "embed", "input", "p", "li", "td", "th", "tr"}:
            continue  # these close each other, or hold nothing
        if not slash:
            unclosed[tag] += 1
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif unclosed[tag]:
            unclosed[tag] -= 1
            depth -= 1
    kinds = Counter(match[0].lower() if match[1] else match for match in _FORMATTING.finditer(html))
    return tags * sum(min(count, 3) for count in kinds.values()) > MAX_REPEATS


def _lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _bare(html: str, profile: Profile) -> str:
    """The words alone, found without parsing, for text that is beyond parsing."""
    text = _text(markup.unescape(re.sub(r"<[^<>]*>", " ", html)))
    return _escaped(_lines(text) if profile is Profile.PLAIN else text)


def clean(html: str, profile: Profile) -> str:
    """What may be kept of `html`: safe to show as it is, in NFC, and the same if cleaned again.

    Text is kept, elements that the profile does not know are taken from around it; script and
    style go with their content. Text that is too long or nested too deep to be anybody's writing
    keeps its words only. Profile.PLAIN gives text without elements, escaped for HTML.
    """
    if _is_excessive(html):
        return _bare(html, profile)
    sanitise = _sanitiser(_backend(), profile)
    before = html.translate(_UNWANTED | {0x0D: "\r"})
    for _ in range(PASSES):
        try:
            after = _Writer(profile).result(sanitise(before))
        except RecursionError:  # bleach walks trees by recursion
            return _bare(html, profile)
        if profile is Profile.PLAIN:
            after = _lines(after)
        if after == before:
            return after
        if _is_excessive(after):  # unclosed elements are repeated in all that follows them
            break
        before = after
    return _bare(html, profile)
