"""QTI 3.0 as it is written: read back, and held against the schema."""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree
from django.core.files.images import ImageFile
from PIL import Image
from wagtail.images import get_image_model

from quizzes.contracts import question_types
from quizzes.exchange.drafts import Draft, Fault
from quizzes.exchange.loading import load_questions
from quizzes.exchange.qti_package import QtiFormat
from quizzes.tests.factories import make_question
from quizzes.tests.samples import WRITTEN
from tests.shared_data import shared_data

X = "<p>x <strong>y</strong></p>"
# kind, own part, whether something of it cannot be written
CASES: list[tuple[str, dict[str, Any], bool]] = [
    ("single_choice", WRITTEN["single_choice"], False),
    (
        "single_choice",
        {
            "options": [
                {"text": "<em>a</em> &lt; b", "correct": True},
                {"text": "<p>b</p><ul><li>c</li></ul>", "credit": 33.3333, "feedback": X},
                {"text": "c"},
            ]
        },
        False,
    ),
    ("true_false", WRITTEN["true_false"], False),
    ("multiple_choice", WRITTEN["multiple_choice"], False),
    ("multiple_choice", {**WRITTEN["multiple_choice"], "scheme": "shares"}, False),
    (
        "multiple_choice",
        {
            "scheme": "per_option",
            "options": [
                {"text": "a", "correct": True, "credit": 60, "feedback": X},
                {"text": "b", "correct": True, "credit": 40},
                {"text": "c", "credit": -100},
                {"text": "d", "credit": -20},
            ],
        },
        False,
    ),
    (
        "short_answer",
        {
            "answers": [
                {"pattern": "biên bản", "feedback": X},
                {"pattern": "2 \\* 3", "credit": 50},
                {"pattern": "*", "credit": 10, "feedback": X},
            ],
        },
        False,
    ),
    ("short_answer", {"answers": [{"pattern": "Xã"}], "case_matters": True}, False),
    ("short_answer", WRITTEN["short_answer"], True),
    (
        "numeric",
        {
            "answers": [
                {"value": -3.142, "tolerance": 0.001, "feedback": X},
                {"value": 10, "tolerance": 5, "tolerance_kind": "relative", "credit": 50},
                {"value": 1e-7, "tolerance": 0, "credit": 20},
            ]
        },
        False,
    ),
    ("numeric", WRITTEN["numeric"], True),
    ("matching", WRITTEN["matching"], False),
    (
        "matching",
        {
            "scheme": "all_or_nothing",
            "pairs": [
                {"text": "a", "match": "x", "feedback": "<p>f</p><p>g</p>"},
                {"text": "b", "match": "x"},
                {"text": "c", "match": "y"},
            ],
        },
        False,
    ),
    ("ordering", {**WRITTEN["ordering"], "scheme": "places"}, False),
    ("ordering", {**WRITTEN["ordering"], "scheme": "all_or_nothing"}, False),
    ("ordering", WRITTEN["ordering"], True),
    ("gaps", WRITTEN["gaps"], False),
    (
        "gaps",
        {
            "text": "<p>Đầu.</p><ul><li>Số [[1]] kg</li></ul><p>Chữ [[2]], <b>chọn [[3]]</b>.</p>",
            "gaps": [
                {"kind": "number", "answers": "12.5\n=50=20", "tolerance": 0.5, "feedback": X},
                {"kind": "typed", "answers": "a < b & c\n=50==x=", "feedback": "<p>z</p>"},
                {"kind": "chosen", "answers": "p\n=25=q", "wrong": "r\ns", "feedback": "<p>w</p>"},
            ],
            "case_matters": True,
        },
        False,
    ),
    ("grouping", WRITTEN["grouping"], False),
    ("grouping", {**WRITTEN["grouping"], "scheme": "all_or_nothing"}, False),
    ("essay", {"may_type": True, "template": "a\nb", "guidance": X}, False),
    ("essay", {"may_type": False, "may_attach": True, "files": 1}, False),
    ("essay", WRITTEN["essay"], True),
    ("judgement", WRITTEN["judgement"], True),
]


def read(content: bytes) -> list[Draft | Fault]:
    return list(QtiFormat().read("a.zip", content))


def without_keys(value: Any) -> Any:
    """What a question says, the same for every way to say it."""
    if isinstance(value, dict):
        found = {name: without_keys(each) for name, each in value.items() if name != "key"}
        if "correct" in found:
            found["correct"] = bool(found["correct"])
        if isinstance(found.get("credit"), float):
            found["credit"] = round(found["credit"], 3)
        for name in ("answers", "wrong"):
            if isinstance(found.get(name), str):
                found[name] = sorted(found[name].splitlines())
        return found
    if isinstance(value, list):
        rows = [without_keys(each) for each in value]
        # Where the order says nothing, it is that of the words.
        is_free = rows and all(set(each) == {"value"} for each in rows if isinstance(each, dict))
        return sorted(rows, key=str) if is_free and isinstance(rows[0], dict) else rows
    return value


@pytest.mark.django_db
@pytest.mark.parametrize("at", range(len(CASES)))
def test_a_round_trip_keeps_everything_or_tells(at: int) -> None:
    kind, written, loses = CASES[at]
    if kind not in question_types:
        pytest.skip(f"{kind} is not installed")
    before = make_question(
        kind=kind,
        written=written,
        name="Tên & “số”",
        code="T & F",
        prompt='<h3 id="x">Câu?</h3><p>một<br>hai <a href="https://a.vn/?a=1&amp;b=2">đây</a></p>',
        explanation="<p>KEY <em>vì</em></p>" if at % 2 else "",
        publish=False,
    )
    content, faults = QtiFormat().write([before])
    assert content == QtiFormat().write([before])[0]
    assert bool(faults) == loses
    if kind == "judgement":
        assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["imsmanifest.xml"]
        return
    (draft,) = read(content)
    assert isinstance(draft, Draft), draft
    assert draft.notes == []
    assert (draft.code, draft.name) == (before.code, before.name)
    before.delete()
    (made,) = load_questions([draft])
    assert (made.code, made.type_key) == (before.code, kind)
    assert (made.prompt, made.explanation) == (before.prompt, before.explanation)
    if not loses:
        assert without_keys(made.own) == without_keys(before.own)


def picture() -> Any:
    packed = io.BytesIO()
    size = (400, 200)
    Image.new("RGB", size, "red").save(packed, "PNG")
    image = get_image_model()(
        title="a", file=ImageFile(io.BytesIO(packed.getvalue()), "bản đồ.png")
    )
    image = get_image_model()(
        title="a", file=ImageFile(io.BytesIO(packed.getvalue()), "bản đồ.png")
    )
    image.file_hash = hashlib.sha1(packed.getvalue(), usedforsecurity=False).hexdigest()
    image.save()
    return image


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["one", "all"])
@pytest.mark.parametrize("right", [1, 2])
def test_hot_spots_come_back(scheme: str, right: int) -> None:
    if "hotspot" not in question_types:
        pytest.skip("hotspot is not installed")
    image = picture()
    areas = [
        ("Hà Nội", "circle", "50, 50, 5", True),
        ("Huế", "rectangle", "1, 2, 20, 30", right == 2),
        ("Vinh", "polygon", "80, 80, 90, 80, 90, 95, 85, 90", False),
    ]
    written = {
        "picture": {"image": image.pk},
        "alt": "Bản đồ",
        "scheme": scheme,
        "areas": [
            {"name": name, "shape": shape, "coordinates": where, "correct": is_right, "feedback": X}
            for name, shape, where, is_right in areas
        ],
    }
    prompt = f'<p>Đâu? <embed alt="Ảnh" embedtype="image" format="fullwidth" id="{image.pk}"/></p>'
    before = make_question(kind="hotspot", written=written, prompt=prompt, publish=False)
    content, faults = QtiFormat().write([before])
    assert faults == []
    (draft,) = read(content)
    assert isinstance(draft, Draft), draft
    assert draft.notes == [] and len(draft.pictures) == 1
    before.delete()
    (made,) = load_questions([draft])
    assert made.prompt == before.prompt
    kept, was = made.own, before.own
    kept["areas"], was["areas"] = (
        [
            {
                **without_keys(area),
                "coordinates": [round(float(each)) for each in area["coordinates"].split(",")],
            }
            for area in own["areas"]
        ]
        for own in (kept, was)
    )
    if scheme == "all" and right == 1:  # one right area is found by one mark
        kept["scheme"] = was["scheme"]
    assert kept == was


# --- the schema of QTI 3.0 ---

XSD = "{http://www.w3.org/2001/XMLSchema}"


@cache
def schema() -> tuple[dict[str, Element], dict[str, set[str]]]:
    """Types by name, and the names of the types that elements of a name may have."""
    path = shared_data("qti", "xsd", "qtiv3p0", "imsqti_asiv3p0_sbacv1p0_v1p0.xsd")
    root = ElementTree.parse(path).getroot()
    types = {
        each.get("name", ""): each
        for each in root
        if each.tag in (f"{XSD}complexType", f"{XSD}group", f"{XSD}attributeGroup")
    }
    elements: dict[str, set[str]] = {}
    for each in root.iter(f"{XSD}element"):
        if each.get("name") and each.get("type"):
            elements.setdefault(each.get("name", ""), set()).add(each.get("type", ""))
    return types, elements


@cache
def parts(name: str) -> tuple[frozenset[str], frozenset[str], frozenset[str], bool]:
    """Attributes, those that must be there, children, and whether text may stand in it."""
    types, _elements = schema()
    if name not in types:
        return frozenset(), frozenset(), frozenset(), True
    known, needed, children, mixed = set(), set(), set(), types[name].get("mixed") == "true"
    for each in types[name].iter():
        if each.tag == f"{XSD}attribute":
            attribute = each.get("name") or each.get("ref", "")
            known.add(attribute)
            if each.get("use") == "required":
                needed.add(attribute)
        elif each.tag == f"{XSD}element":
            children.add(each.get("name") or each.get("ref", ""))
        elif each.tag in (f"{XSD}extension", f"{XSD}group", f"{XSD}attributeGroup"):
            more = parts(each.get("base") or each.get("ref") or "")
            known, needed, children = known | more[0], needed | more[1], children | more[2]
            is_simple = each.tag == f"{XSD}extension" and (each.get("base") or "") not in types
            mixed = mixed or is_simple
    return frozenset(known), frozenset(needed), frozenset(children), mixed


def faults_of(element: Element, types: set[str]) -> list[str]:
    """What the best of these types says against an element."""
    found = []
    for each in sorted(types):
        known, needed, children, mixed = parts(each)
        names = {name for name in element.attrib if not name.startswith(("xmlns", "xsi:"))}
        wrong = [f"{element.tag} {each}: attribute {name}" for name in sorted(names - known)]
        wrong += [f"{element.tag} {each}: needs {name}" for name in sorted(needed - names)]
        wrong += [
            f"{element.tag} {each}: child {child.tag}"
            for child in element
            if child.tag not in children
        ]
        texts = [element.text, *(child.tail for child in element)]
        if not mixed and any((text or "").strip() for text in texts):
            wrong.append(f"{element.tag} {each}: text")
        found.append(wrong)
    best = min(found, key=len) if found else [f"{element.tag}: not known"]
    for child in element:
        best = best + faults_of(child, schema()[1].get(str(child.tag), set()))
    return best


def plain(element: Element) -> Element:
    for each in element.iter():
        each.tag = str(each.tag).split("}")[-1]
        for name in list(each.attrib):
            if name.startswith("{"):
                value = each.attrib.pop(name)
                if "schema" not in name:
                    each.set("xml:" + name.split("}")[-1], value)
    return element


@pytest.mark.django_db
def test_what_is_written_has_the_structure_of_the_schema() -> None:
    """No validator is at hand, so names, attributes and what may stand where are compared."""
    made = [
        make_question(kind=kind, written=written, hints="[]", publish=False)
        for kind, written, _loses in CASES
        if kind in question_types and kind != "judgement"
    ]
    content, _faults = QtiFormat().write(made)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert names[0] == "imsmanifest.xml" and len(names) == len(made) + 1
        manifest = plain(ElementTree.fromstring(archive.read(names[0])))
        listed = [each.get("href") for each in manifest.iter("file")]
        assert sorted(listed) == sorted(names[1:])
        for name in names[1:]:
            root = plain(ElementTree.fromstring(archive.read(name)))
            assert faults_of(root, schema()[1]["qti-assessment-item"]) == [], name


@pytest.mark.django_db
def test_the_same_code_in_other_letters_gets_a_file_of_its_own() -> None:
    made = [make_question(code=code, publish=False) for code in ("a b", "a.b", "A_B", "1")]
    content, faults = QtiFormat().write(made)
    assert faults == []
    found = read(content)
    assert len(found) == 4 and all(isinstance(each, Draft) for each in found)


@pytest.mark.django_db
def test_pictures_in_all_texts_are_in_the_package() -> None:
    image = picture()
    tag = (
        f'<embed alt="Một &amp; &quot;hai&quot;" embedtype="image" format="left" id="{image.pk}"/>'
    )
    gone = tag.replace(f'id="{image.pk}"', 'id="999999"')
    before = make_question(
        prompt=f"<p>{tag}{gone}</p>",
        written={
            "options": [
                {"text": f"<p>{tag}</p>", "correct": True, "feedback": f"<p>{tag}</p>"},
                {"text": "b"},
            ]
        },
        explanation=f"<p>{tag}</p>",
        publish=False,
    )
    content, faults = QtiFormat().write([before])
    assert len(faults) == 1
    (draft,) = read(content)
    assert isinstance(draft, Draft), draft
    assert len(draft.pictures) == 1
    assert 'alt="Một &amp; &quot;hai&quot;"' in draft.prompt
    shown = [draft.prompt, draft.explanation, *map(str, draft.written["options"][0].values())]
    assert sum("picture:images/" in each for each in shown) == 4
