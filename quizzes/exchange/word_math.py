"""Formulas of Word (OMML, ECMA-376 part 1, 22.1) that HTML without markup of its own can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.html import escape

from quizzes.exchange.word_package import child, children, named, value

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_GROUPS: Final = ("m:oMath", "m:oMathPara", "m:e", "m:num", "m:den", "m:sup", "m:sub", "m:deg")
_SILENT: Final = frozenset(
    f"m:{name}Pr" for name in ["r", "oMathPara", "f", "sSup", "sSub", "sSubSup", "rad", "d", "ctrl"]
) | {"w:rPr", "m:ctrlPr"}


def html_of_math(element: Element) -> str | None:
    """The formula on one line, with strokes and raised powers; None where that will not do."""
    name = named(element.tag)
    if name in _GROUPS:
        parts = [html_of_math(each) for each in element if named(each.tag) not in _SILENT]
        return None if None in parts else "".join(filter(None, parts))
    if name == "m:r":
        return escape("".join(each.text or "" for each in children(element, "m:t")))
    if name in ("m:sSup", "m:sSub", "m:sSubSup"):
        return _joined(
            _part(element, "m:e"), *_raised(element, "m:sub"), *_raised(element, "m:sup")
        )
    if name == "m:f":
        return _fraction(element)
    if name == "m:rad":
        degree, inner = _part(element, "m:deg"), _part(element, "m:e")
        return _joined(f"<sup>{degree}</sup>" if degree else "", "√(", inner, ")")
    if name == "m:d":
        properties = child(element, "m:dPr")
        begins, ends = (child(properties, each) for each in ("m:begChr", "m:endChr"))
        inside = [html_of_math(each) for each in children(element, "m:e")]
        if len(inside) != 1:
            return None
        before = value(begins, "m:val") if begins is not None else "("
        after = value(ends, "m:val") if ends is not None else ")"
        return _joined(escape(before), inside[0], escape(after))
    return None


def _fraction(element: Element) -> str | None:
    kind = value(child(element, "m:fPr", "m:type"), "m:val") or "bar"
    over, under = _part(element, "m:num"), _part(element, "m:den")
    if kind == "noBar" or over is None or under is None:
        return None
    over, under = (each if each.isalnum() else f"({each})" for each in (over, under))
    return f"{over}/{under}"


def _part(element: Element, name: str) -> str | None:
    found = child(element, name)
    return html_of_math(found) if found is not None else ""


def _raised(element: Element, name: str) -> tuple[str | None, ...]:
    if child(element, name) is None:
        return ()
    tag, inner = name.removeprefix("m:"), _part(element, name)
    return (f"<{tag}>{inner}</{tag}>" if inner is not None else None,)


def _joined(*parts: str | None) -> str | None:
    return None if None in parts else "".join(filter(None, parts))
