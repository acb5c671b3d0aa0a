"""MathML in one line of text, for questions that hold no formulas: 1/6, x², √(a + b)."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from quizzes.exchange.qti_xml import text_in

_RAISED: Final = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_LOWERED: Final = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
_HIDDEN: Final = frozenset("\u2061\u2062\u2063\u2064")  # signs that only say what is meant


def math_text(element: Element) -> str:
    """The formula as text; the words that its author gave for it where there are some."""
    return element.get("alttext") or " ".join(_row(element).split())


def _row(element: Element) -> str:
    parts = [element.text or "", *(_of(each) + (each.tail or "") for each in element)]
    return "".join(parts)


def _of(element: Element) -> str:
    name = str(element.tag).removeprefix("math:")
    parts = [_of(each).strip() for each in element]
    if name in ("annotation", "annotation-xml", "mphantom"):
        return ""
    if name == "mfrac" and len(parts) == 2:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if name in ("msup", "mover") and len(parts) == 2:
        return f"{_grouped(parts[0])}{_script(parts[1], _RAISED, '^')}"
    if name in ("msub", "munder") and len(parts) == 2:
        return f"{_grouped(parts[0])}{_script(parts[1], _LOWERED, '_')}"
    if name in ("msubsup", "munderover") and len(parts) == 3:
        below, above = _script(parts[1], _LOWERED, "_"), _script(parts[2], _RAISED, "^")
        return f"{_grouped(parts[0])}{below}{above}"
    if name == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    if name == "mroot" and len(parts) == 2:
        return f"{_script(parts[1], _RAISED, '')}√{_grouped(parts[0])}"
    if name == "mfenced":
        ends = element.get("open", "("), element.get("close", ")")
        return f"{ends[0]}{', '.join(parts)}{ends[1]}"
    if name == "mo":
        sign = text_in(element)
        return "" if sign in _HIDDEN else f" {sign} " if sign in "=<>≤≥≈≠+-−×·÷±→" else sign
    if name in ("mn", "mi", "ms"):
        return text_in(element)
    if name == "mtext":
        return "".join(element.itertext())
    if name == "mspace":
        return " "
    if name == "mtr":
        return ", ".join(parts) + "; "
    return _row(element)


def _grouped(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() or text.startswith("(") else f"({text})"


def _script(text: str, table: dict[int, int], sign: str) -> str:
    text = text.replace(" ", "")
    moved = text.translate(table)
    is_whole = all(ord(each) in table for each in text)
    return moved if is_whole and text else f"{sign}{_grouped(text)}"
