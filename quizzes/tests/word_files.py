"""Word documents for tests, written part by part as Word writes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from html import escape
from typing import Any

from quizzes.exchange.word_writing import _HEAD, _PARTS, MAIN

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
SPACES = (
    f'xmlns:w="{MAIN}" xmlns:r="{_OFFICE}" xmlns:a="{_DRAWING}/main"'
    f' xmlns:wp="{_DRAWING}/wordprocessingDrawing" xmlns:pic="{_DRAWING}/picture"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
LOOKS = {
    "b": "<w:b/>",
    "i": "<w:i/>",
    "u": '<w:u w:val="single"/>',
    "h": '<w:highlight w:val="yellow"/>',
    "r": '<w:color w:val="FF0000"/>',
    "^": '<w:vertAlign w:val="superscript"/>',
    "~": '<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>',
    "&": '<w:rFonts w:ascii="VNI-Times"/>',
    "?": "<w:vanish/>",
}
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\nIDATx\x9cc\0\1\0\0\5\0\1\r\n-\xb4\0\0\0\0IEND\xaeB`\x82"
)


def document(*blocks: str, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A document of these blocks: XML where it begins with <, else a paragraph (see `p`)."""
    body = "".join(each if each.startswith("<") else p(each) for each in blocks)
    text = f"{_HEAD}<w:document {SPACES}><w:body>{body}<w:sectPr/></w:body></w:document>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {**_PARTS, "word/document.xml": text, **(parts or {})}.items():
            package.writestr(name, content)
    return out.getvalue()


def p(text: str, *, properties: str = "") -> str:
    """A paragraph; "‹b›bold‹›" has looks (LOOKS), tabs and line breaks are as in Word."""
    first, *rest = text.split("‹")
    runs = [run(first)]
    for each in rest:
        looks, _, words = each.partition("›")
        runs.append(run(words, looks))
    around = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{around}{''.join(runs)}</w:p>"


def run(text: str, looks: str = "") -> str:
    """A run with these looks."""
    inner = escape(text, quote=False).replace("\t", "</w:t><w:tab/><w:t xml:space='preserve'>")
    inner = inner.replace("\n", "</w:t><w:br/><w:t xml:space='preserve'>")
    properties = "".join(LOOKS[each] for each in looks)
    return (
        f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{inner}</w:t></w:r>"
        if text
        else ""
    )


def table(*rows: list[str]) -> str:
    """A table; a cell is a paragraph."""
    lines = (
        "".join(f"<w:tc><w:tcPr/>{p(each)}</w:tc>" for each in row).join(("<w:tr>", "</w:tr>"))
        for row in rows
    )
    return f"<w:tbl><w:tblPr/>{''.join(lines)}</w:tbl>"


def listed(text: str, number: int, level: int = 0) -> str:
    """A paragraph of an automatic list."""
    return p(
        text,
        properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>',
    )


def lists(*levels: list[tuple[str, str]]) -> dict[str, str]:
    """numbering.xml with lists 1, 2 …; each a list of levels: (form, text)."""
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{at}">'
        + "".join(
            f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
            f'<w:lvlText w:val="{text}"/></w:lvl>'
            for depth, (form, text) in enumerate(each)
        )
        + "</w:abstractNum>"
        for at, each in enumerate(levels, 1)
    )
    numbers = "".join(
        f'<w:num w:numId="{at}"><w:abstractNumId w:val="{at}"/></w:num>'
        for at in range(1, len(levels) + 1)
    )
    return {
        "word/numbering.xml": f'<w:numbering xmlns:w="{MAIN}">{abstract}{numbers}</w:numbering>'
    }


def picture(words: str = "", kind: str = "png", content: bytes = PNG) -> tuple[str, dict[str, Any]]:
    """A paragraph with a picture, and the parts that it needs."""
    inner = (
        f'<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="{words}"/>'
        '<a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    links = (
        f'<Relationships xmlns="{package}"><Relationship Id="rId9" Type="{_OFFICE}/image"'
        f' Target="media/image1.{kind}"/></Relationships>'
    )
    return inner, {"word/_rels/document.xml.rels": links, f"word/media/image1.{kind}": content}
