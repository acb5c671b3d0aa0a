"""QTI 2 and 3, read: the examples of 1EdTech and Instructure, ways of marking, hostile files."""

from __future__ import annotations

import base64
import contextlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from quizzes.contracts import question_types
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.loading import _reasons
from quizzes.exchange.qti_math import math_text
from quizzes.exchange.qti_package import QtiFormat
from quizzes.exchange.qti_xml import parsed
from tests.shared_data import shared_data

DOC = Path(__file__).resolve().parents[2] / "docs" / "imports" / "qti.md"
HEAD = ("| file | imported as | why not; what is lost |", "|---|---|---|")
PACKAGES = (
    ("1edtech-examples", "qtiv2p2-examples"),
    ("1edtech-examples", "QTI3_BeginnersGuide_Examples"),
    ("1edtech-examples", "QTI3_BPIG_Examples"),
    ("instructure-test_qti_2.1",),
)
V2 = "http://www.imsglobal.org/xsd/imsqti_v2p1"
TEMPLATES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates"


def packed(files: dict[str, bytes | str]) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return found.getvalue()


def package(*parts: str) -> bytes:
    folder = shared_data("qti", *parts)
    paths = (each for each in sorted(folder.rglob("*")) if each.is_file())
    return packed({each.relative_to(folder).as_posix(): each.read_bytes() for each in paths})


def read(content: bytes | str, name: str = "a.xml") -> list[Draft | Fault]:
    content = content.encode() if isinstance(content, str) else content
    return list(QtiFormat().read(name, content))


def item(
    body: str,
    *declarations: str,
    rules: str = "match_correct",
    after: str = "",
    attributes: str = "",
    head: str = "",
) -> str:
    processing = (
        f'<responseProcessing template="{TEMPLATES}/{rules}"/>'
        if rules and not rules.startswith("<")
        else f"<responseProcessing>{rules}</responseProcessing>"
        if rules
        else ""
    )
    score = '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
    told = (
        '<outcomeDeclaration identifier="FEEDBACK" cardinality="multiple" baseType="identifier"/>'
    )
    return (
        f'<assessmentItem xmlns="{V2}" identifier="i1" title="Tên" adaptive="false"'
        f' timeDependent="false" {attributes}>{"".join(declarations)}{score}{told}{head}'
        f"<itemBody>{body}</itemBody>{processing}{after}</assessmentItem>"
    )


def response(
    kind: str = "identifier",
    *right: str,
    cardinality: str = "single",
    inner: str = "",
    name: str = "RESPONSE",
) -> str:
    values = "".join(f"<value>{each}</value>" for each in right)
    correct = f"<correctResponse>{values}</correctResponse>" if right else ""
    return (
        f'<responseDeclaration identifier="{name}" cardinality="{cardinality}" baseType="{kind}">'
        f"{correct}{inner}</responseDeclaration>"
    )


def mapping(default: float = 0, more: str = "", **worths: float) -> str:
    entries = "".join(
        f'<mapEntry mapKey="{key}" mappedValue="{worth}"/>' for key, worth in worths.items()
    )
    return f'<mapping defaultValue="{default}" {more}>{entries}</mapping>'


def choices(*names: str, most: int = 1, more: str = "") -> str:
    rows = "".join(
        f'<simpleChoice identifier="{name}">text {name}</simpleChoice>' for name in names
    )
    return (
        f'<choiceInteraction responseIdentifier="RESPONSE" maxChoices="{most}" {more}>'
        f"<prompt>Which?</prompt>{rows}</choiceInteraction>"
    )


def one(content: str) -> Draft:
    (found,) = read(content)
    assert isinstance(found, Draft), found
    return found


def fault(content: str) -> str:
    (found,) = read(content)
    assert isinstance(found, Fault), found
    return found.message


# --- files of others ---


def rows() -> Iterator[str]:
    for parts in PACKAGES:
        imported, lines = 0, []
        for each in read(package(*parts), "a.zip"):
            if isinstance(each, Fault):
                kind, reasons = "–", [each.message]
            else:
                wrong = _reasons(each)
                kind, reasons = "–" if wrong else each.type_key, [*wrong, *each.notes]
                imported += not wrong
            said = "; ".join(dict.fromkeys(reasons)).replace("|", "\\|")
            lines.append(f"| {each.place} | {kind} | {said or '–'} |")
        yield f"| **{'/'.join(parts)}** | {imported} of {len(lines)} | |"
        yield from lines


@pytest.mark.django_db
def test_the_table_in_the_docs_says_what_the_files_bring() -> None:
    if "essay" not in question_types:
        pytest.skip("essays are not installed")
    with translation.override("en"):
        expected = [*HEAD, *rows()]
    lines = DOC.read_text(encoding="utf-8").splitlines()
    start = lines.index(HEAD[0])
    table = [line for line in lines[start:] if line.startswith("|")]
    assert table == expected, "the table is stale; it must be:\n" + "\n".join(expected)


@pytest.mark.parametrize("parts", PACKAGES)
def test_packages_are_recognised(parts: tuple[str, ...]) -> None:
    assert QtiFormat().recognises("a.zip", package(*parts))


def test_other_packages_are_not_taken() -> None:
    for path in sorted(shared_data("questions", "moodle", "xml").glob("*.xml")):
        assert not QtiFormat().recognises(path.name, path.read_bytes()), path
    assert not QtiFormat().recognises("a.zip", packed({"word/document.xml": "<w:document/>"}))
    assert not QtiFormat().recognises("a.xml", b"<quiz></quiz>")


def test_every_single_item_is_read_the_same_alone() -> None:
    """Without its package an item lacks pictures and passages, and nothing else."""
    folder = shared_data("qti", "instructure-test_qti_2.1")
    alone = [read(path.read_bytes(), path.name)[0] for path in sorted(folder.glob("Items/*/*.xml"))]
    together = read(package("instructure-test_qti_2.1"), "a.zip")
    for one_, other in zip(alone, together, strict=True):
        assert isinstance(one_, Draft) and isinstance(other, Draft)
        assert (one_.type_key, one_.written) == (other.type_key, other.written)
    assert [each.category for each in together if isinstance(each, Draft)] == [
        ("QTI v2.1 Entry Profile Single Section Instance with Multiple Items",)
    ] * 5


# --- choosing ---


def test_single_choice_with_shares() -> None:
    found = one(
        item(choices("A", "B", "C"), response("identifier", "A", inner=mapping(A=4, B=1, C=-1)),
             rules="map_response")
    )  # fmt: skip
    assert found.type_key == "single_choice" and found.points == 4
    assert [(each["correct"], each.get("credit")) for each in found.written["options"]] == [
        (True, None), (False, 25), (False, None),
    ]  # fmt: skip
    assert found.prompt == "<p>Which?</p>" and found.name == "Tên" and found.code == "i1"
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("inner", "rules", "scheme", "credits"),
    [
        ("", "match_correct", "all_or_nothing", [None] * 4),
        ("", "", "all_or_nothing", [None] * 4),
        (mapping(-0.5, 'lowerBound="0"', A=0.5, B=0.5), "map_response", "shares", [None] * 4),
        (mapping(0, A=1, B=1), "map_response", "per_option", [None] * 4),
        (mapping(0, A=3, B=1, C=-4), "map_response", "per_option", [75, 25, -100, None]),
        (mapping(-9, 'upperBound="1"', A=1, B=1), "map_response", "", []),
    ],
)
def test_multiple_choice(inner: str, rules: str, scheme: str, credits: list[Any]) -> None:
    declared = response("identifier", "A", "B", cardinality="multiple", inner=inner)
    (found,) = read(item(choices("A", "B", "C", "D", most=0), declared, rules=rules))
    if not scheme:  # one of the two is enough there
        assert isinstance(found, Fault) or found.written["scheme"] == "per_option"
        return
    assert isinstance(found, Draft), found
    assert found.notes == [] and found.type_key == "multiple_choice"
    assert found.written["scheme"] == scheme
    assert [each.get("credit") for each in found.written["options"]] == credits


def test_a_key_that_is_not_certain_is_a_fault() -> None:
    assert fault(item(choices("A", "B"), response()))
    assert fault(item(choices("A", "B"), response("identifier", "C")))
    assert fault(item(choices("A", "A"), response("identifier", "A")))
    assert fault(item(choices("A", "B"), response("identifier", "A", "B")))
    wrong = response("identifier", "A", inner=mapping(A=0, B=1))
    assert fault(item(choices("A", "B"), wrong, rules="map_response"))
    assert fault(item(choices("A", "B"), response("identifier", "A"), rules="my_own_template"))
    assert fault(item(choices("A", "B"), response("identifier", "A", name="OTHER")))


CUSTOM = """<responseCondition><responseIf><match><variable identifier="RESPONSE"/>{of}</match>
<setOutcomeValue identifier="SCORE"><baseValue baseType="float">{score}</baseValue>
</setOutcomeValue></responseIf></responseCondition>"""


def test_rules_of_ones_own_are_carried_out() -> None:
    declared = response("identifier", "A")
    right = CUSTOM.format(of='<correct identifier="RESPONSE"/>', score=2)
    found = one(item(choices("A", "B"), declared, rules=right))
    assert found.points == 2 and found.written["options"][0]["correct"] and not found.notes
    trap = CUSTOM.format(of='<baseValue baseType="identifier">B</baseValue>', score=1)
    assert fault(item(choices("A", "B"), declared, rules=trap))
    half = CUSTOM.format(of='<baseValue baseType="identifier">B</baseValue>', score=1)
    found = one(item(choices("A", "B"), declared, rules=half + right))
    assert found.written["options"][1]["credit"] == 50
    unknown = '<setOutcomeValue identifier="SCORE"><customOperator/></setOutcomeValue>'
    assert "customOperator" in fault(item(choices("A", "B"), declared, rules=unknown))


def test_feedback() -> None:
    after = "".join(
        f'<modalFeedback outcomeIdentifier="FEEDBACK" identifier="{name}" showHide="show">'
        f"<p>about {name}</p></modalFeedback>"
        for name in ("A", "B", "all", "never")
    )
    rules = (
        CUSTOM.format(of='<correct identifier="RESPONSE"/>', score=1)
        + '<setOutcomeValue identifier="FEEDBACK"><multiple><variable identifier="RESPONSE"/>'
        '<baseValue baseType="identifier">all</baseValue></multiple></setOutcomeValue>'
    )
    found = one(item(choices("A", "B"), response("identifier", "A"), rules=rules, after=after))
    assert [each["feedback"] for each in found.written["options"]] == [
        "<p>about A</p>", "<p>about B</p>",
    ]  # fmt: skip
    assert found.explanation == "<p>about all</p>"
    assert len(found.notes) == 1 and "about never" in found.notes[0]
    found = one(item(choices("A", "B"), response("identifier", "A"), after=after))
    assert found.written["options"][1]["feedback"] == "<p>about B</p>" and len(found.notes) == 2


def test_true_and_false() -> None:
    declared = response("identifier", "true")
    assert one(item(choices("true", "false"), declared)).type_key == "true_false"
    mixed = item(choices("true", "false", more='shuffle="true"'), declared)
    assert one(mixed).type_key == "single_choice"


# --- typing ---


def entry(name: str = "RESPONSE") -> str:
    return f'<textEntryInteraction responseIdentifier="{name}"/>'


def test_short_answers() -> None:
    inner = mapping(0, Xã=2, phường=1)
    found = one(
        item(f"<p>Đâu?</p><p>{entry()}</p>", response("string", "Xã", inner=inner),
             rules="map_response")
    )  # fmt: skip
    assert (found.type_key, found.prompt) == ("short_answer", "<p>Đâu?</p>")
    assert found.written == {
        "answers": [{"pattern": "Xã"}, {"pattern": "phường", "credit": 50}],
        "case_matters": False,
    }
    found = one(item(f"<p>Đâu? {entry()}</p>", response("string", "2 * x")))
    assert found.written == {"answers": [{"pattern": "2 \\* x"}], "case_matters": True}
    found = one(item(f"<p>Đâu {entry()}?</p>", response("string", "Xã")))
    assert found.type_key == "gaps" and found.written["text"] == "<p>Đâu [[1]]?</p>"
    assert found.prompt


EQUAL = """<responseCondition><responseIf><equal toleranceMode="{mode}" tolerance="{by}">
{parts}</equal><setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue>
</setOutcomeValue></responseIf></responseCondition>"""
OF, RIGHT = '<variable identifier="RESPONSE"/>', '<correct identifier="RESPONSE"/>'


@pytest.mark.parametrize(
    ("rules", "value", "tolerance", "kind"),
    [
        ("match_correct", 12.5, 0, "absolute"),
        (EQUAL.format(mode="absolute", by="0.5 0.5", parts=OF + RIGHT), 12.5, 0.5, "absolute"),
        (EQUAL.format(mode="absolute", by="0 1", parts=RIGHT + OF), 13, 0.5, "absolute"),
        (EQUAL.format(mode="relative", by="10", parts=RIGHT + OF), 12.5, 10, "relative"),
        (EQUAL.format(mode="relative", by="10", parts=OF + RIGHT), None, 0, ""),
        (
            "<responseCondition><responseIf><and><gte>"
            f'{OF}<baseValue baseType="float">12</baseValue></gte><lte>{OF}<baseValue'
            ' baseType="float">13</baseValue></lte></and><setOutcomeValue identifier="SCORE">'
            '<baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf>'
            "</responseCondition>",
            12.5, 0.5, "absolute",
        ),
        (
            f"<responseCondition><responseIf><gt>{OF}<baseValue baseType='float'>12</baseValue>"
            "</gt><setOutcomeValue identifier='SCORE'><baseValue baseType='float'>1</baseValue>"
            "</setOutcomeValue></responseIf></responseCondition>",
            None, 0, "",
        ),
    ],
)  # fmt: skip
def test_numbers(rules: str, value: float | None, tolerance: float, kind: str) -> None:
    (found,) = read(item(f"<p>?</p>{entry()}", response("float", "12.5"), rules=rules))
    if value is None:  # anything near enough is not a margin around a number
        assert isinstance(found, Fault)
        return
    assert isinstance(found, Draft) and found.type_key == "numeric", found
    assert found.written["answers"] == [
        {"value": value, "tolerance": tolerance, "tolerance_kind": kind}
    ]


def test_gaps_of_all_sorts() -> None:
    body = (
        "<div><p>Prompt.</p><p>A "
        '<inlineChoiceInteraction responseIdentifier="R1"><inlineChoice identifier="x">mot'
        '</inlineChoice><inlineChoice identifier="y">hai</inlineChoice></inlineChoiceInteraction>'
        f" B [[2]] {entry('R2')} C {entry('R3')}.</p></div>"
    )
    found = one(
        item(
            body,
            response("identifier", "y", name="R1"),
            response("string", "ba", name="R2"),
            response("integer", "4", name="R3"),
            rules="",
        )
    )
    assert found.type_key == "gaps" and found.prompt == "<p>Prompt.</p>" and found.notes == []
    assert found.written["text"] == "<p>A [[1]] B [ [2] ] [[2]] C [[3]].</p>"
    assert [each["kind"] for each in found.written["gaps"]] == ["chosen", "typed", "number"]
    assert [each["answers"] for each in found.written["gaps"]] == ["hai", "ba", "4"]
    assert found.written["gaps"][0]["wrong"] == "mot"


def test_choices_of_gaps_that_are_no_identifiers() -> None:
    body = (
        '<p>A <inlineChoiceInteraction responseIdentifier="RESPONSE"><inlineChoice identifier="x">'
        'mot</inlineChoice><inlineChoice identifier="y">hai</inlineChoice>'
        "</inlineChoiceInteraction></p>"
    )
    for kind in ("pair", "directedPair", "string", "float"):
        found = one(item(body, response(kind, "y")))
        assert found.written["gaps"][0]["answers"] == "hai"


def test_several_interactions_that_are_no_gaps_are_a_fault() -> None:
    body = choices("A", "B") + entry("R2")
    message = fault(item(body, response("identifier", "A"), response("string", "x", name="R2")))
    assert "choiceInteraction" in message and "textEntryInteraction" in message


@pytest.mark.parametrize(
    "name",
    [
        *("slider", "drawing", "media", "graphicAssociate", "graphicOrder", "graphicGapMatch"),
        *("hottext", "custom", "endAttempt", "positionObject", "portableCustom"),
    ],
)
def test_interactions_without_a_kind_are_named(name: str) -> None:
    body = f'<{name}Interaction responseIdentifier="RESPONSE"/>'
    assert f"{name}Interaction" in fault(item(body, response("identifier", "A")))


def test_what_is_made_anew_is_a_fault() -> None:
    declared = response("identifier", "A")
    assert fault(item(choices("A", "B"), declared, attributes='adaptive="true"').replace(
        'adaptive="false" ', ""))  # fmt: skip
    assert fault(item(choices("A", "B"), declared, head="<templateProcessing/>"))
    include = '<include xmlns="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    assert "XInclude" in fault(item(choices("A", "B") + include, declared))
    assert fault(item("<p>Nothing</p>", declared))
    assert fault(item('<p><printedVariable identifier="x"/></p>' + choices("A", "B"), declared))


# --- pictures ---


def png(width: int, height: int) -> bytes:
    found = io.BytesIO()
    Image.new("RGB", (width, height)).save(found, "PNG")
    return found.getvalue()


def spot(size: str = "") -> str:
    areas = (
        ("A", "rect", "10,10,30,20"), ("B", "circle", "100,50,20"), ("C", "poly", "0,0,20,0,20,20"),
    )  # fmt: skip
    rows = "".join(
        f'<hotspotChoice identifier="{name}" shape="{shape}" coords="{coords}"/>'
        for name, shape, coords in areas
    )
    return (
        '<hotspotInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>?</prompt>'
        f'<object type="image/png" data="images/a%20b.png" {size}>Map</object>{rows}'
        "</hotspotInteraction>"
    )


def test_hot_spots_are_in_percent_of_the_picture() -> None:
    for size, factor in (("", 1.0), ('width="400" height="200"', 0.5)):
        content = item(spot(size), response("identifier", "B"))
        files = {"q/items/a.xml": content, "q/items/images/a b.png": png(200, 100)}
        (found,) = read(packed(files), "a.zip")
        assert isinstance(found, Draft), found
        assert found.written["picture"] == {"picture": "q/items/images/a b.png"}
        assert found.written["alt"] == "Map" and found.written["scheme"] == "one"
        assert [each["correct"] for each in found.written["areas"]] == [False, True, False]
        numbers = [
            [float(part) for part in each["coordinates"].split(",")]
            for each in found.written["areas"]
        ]
        assert numbers == [
            [each * factor for each in row]
            for row in ([5, 10, 15, 20], [50, 50, 10], [0, 0, 10, 0, 10, 20])
        ]
        assert list(found.pictures) == ["q/items/images/a b.png"]
    (alone,) = read(content)
    assert isinstance(alone, Fault) and "images/a b.png" in alone.message


def test_places_to_be_marked() -> None:
    inner = (
        '<areaMapping defaultValue="0"><areaMapEntry shape="circle" coords="100,50,20"'
        ' mappedValue="1"/></areaMapping>'
    )
    body = (
        '<selectPointInteraction responseIdentifier="RESPONSE" maxChoices="1">'
        '<img src="a.png" alt="Map"/></selectPointInteraction>'
    )
    files: dict[str, bytes | str] = {"a.png": png(200, 100)}
    files["a.xml"] = item(
        "<p>Mark.</p>" + body, response("point", "100 50", inner=inner), rules="map_response_point"
    )
    (found,) = read(packed(files), "a.zip")
    assert isinstance(found, Draft) and found.written["areas"][0]["coordinates"] == "50, 50, 10"
    files["a.xml"] = item(body, response("point", "100 50"))
    assert isinstance(read(packed(files), "a.zip")[0], Fault)


def test_pictures_that_cannot_be_kept_are_noted() -> None:
    embedded = base64.b64encode(png(3, 3)).decode()
    body = (
        f'<p><img alt="a" src="data:image/png;base64,{embedded}"/>'
        '<img alt="b" src="https://example.org/b.png"/><img alt="c" src="../../etc/passwd"/>'
        '<img alt="d" src="d.svg"/><img alt="e" src="e.png"/></p>'
    )
    content = item(body + choices("A", "B"), response("identifier", "A"))
    files = {"a.xml": content, "d.svg": "<svg/>", "e.png": b"\x89PNG\r\n\x1a\nno"}
    (found,) = read(packed(files), "a.zip")
    assert isinstance(found, Draft)
    assert len(found.pictures) == 1 and len(found.notes) == 4
    assert found.prompt.count("<img") == 1 and "<em>[b]</em>" in found.prompt


# --- packages ---


def manifest(*resources: str) -> str:
    return (
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><metadata/><organizations/>'
        f"<resources>{''.join(resources)}</resources></manifest>"
    )


def resource(href: str, kind: str = "imsqti_item_xmlv2p1", inner: str = "") -> str:
    return f'<resource identifier="r" type="{kind}" href="{href}">{inner}</resource>'


def test_order_categories_and_tags_come_from_the_package() -> None:
    question = item(choices("A", "B"), response("identifier", "A"))
    lom = (
        '<metadata><lom xmlns="http://ltsc.ieee.org/xsd/LOM"><general><keyword><string>dân chủ'
        "</string></keyword></general></lom></metadata>"
    )
    test = (
        f'<assessmentTest xmlns="{V2}"><testPart><assessmentSection title="Một">'
        '<assessmentItemRef href="../items/b.xml"/><assessmentSection title="Hai">'
        '<assessmentItemRef href="../items/a.xml"/></assessmentSection></assessmentSection>'
        "</testPart></assessmentTest>"
    )
    files = {
        "imsmanifest.xml": manifest(
            resource("items/b.xml", inner=lom),
            resource("tests/t.xml", "imsqti_test_xmlv2p1"),
            resource("items/missing.xml"),
            resource("items/a.xml"),
            resource("items/old.xml", "imsqti_xmlv1p2"),
        ),
        "items/a.xml": question,
        "items/b.xml": question,
        "items/unlisted.xml": question,
        "items/broken.xml": question.replace("</itemBody>", ""),
        "tests/t.xml": test,
    }
    found = read(packed(files), "a.zip")
    assert [(each.place, type(each).__name__) for each in found] == [
        ("items/old.xml", "Fault"),
        ("items/b.xml", "Draft"),
        ("items/missing.xml", "Fault"),
        ("items/a.xml", "Draft"),
        ("items/unlisted.xml", "Draft"),
        ("items/broken.xml", "Fault"),
    ]
    drafts = [each for each in found if isinstance(each, Draft)]
    assert [each.category for each in drafts] == [("Một",), ("Một", "Hai"), ()]
    assert [each.tags for each in drafts] == [("dân chủ",), (), ()]


def test_a_passage_stands_before_each_of_its_questions() -> None:
    passage = (
        '<assessmentStimulus xmlns="x"><stimulusBody><h1>T</h1><p>Passage '
        '<img src="p.png" alt="p"/></p></stimulusBody></assessmentStimulus>'
    )
    head = '<assessmentStimulusRef identifier="s" href="../p/s.xml"/>'
    question = item(choices("A", "B"), response("identifier", "A"), head=head)
    files = {"items/a.xml": question, "p/s.xml": passage, "p/p.png": png(2, 2)}
    (found,) = read(packed(files), "a.zip")
    assert isinstance(found, Draft)
    assert found.prompt.startswith("<h2>T</h2><p>Passage <img") and found.notes == []
    assert list(found.pictures) == ["p/p.png"]
    (alone,) = read(question)
    assert isinstance(alone, Draft) and len(alone.notes) == 1


def pairs(*right: str, inner: str = "", rules: str = "map_response") -> str:
    sets = [
        "".join(
            f'<simpleAssociableChoice identifier="{name}" matchMax="9">{name}'
            "</simpleAssociableChoice>"
            for name in names
        )
        for names in ("AB", "XYZ")
    ]
    rows = "".join(f"<simpleMatchSet>{each}</simpleMatchSet>" for each in sets)
    body = f'<matchInteraction responseIdentifier="RESPONSE">{rows}</matchInteraction>'
    declared = response("directedPair", *right, cardinality="multiple", inner=inner)
    return item(f"<p>?</p>{body}", declared, rules=rules)


def test_pairs_and_groups() -> None:
    found = one(pairs("A X", "B Y", rules="match_correct"))
    assert found.type_key == "matching" and found.written["scheme"] == "all_or_nothing"
    assert [each["match"] for each in found.written["pairs"]] == ["<p>X</p>", "<p>Y</p>"]
    assert found.written["extra"] == ["<p>Z</p>"]
    found = one(pairs("A X", "B X", rules="match_correct"))
    assert found.type_key == "grouping"
    assert found.written["groups"][0]["items"] == ["<p>A</p>", "<p>B</p>"]
    found = one(pairs("A X", "A Y", "B Z", rules="match_correct"))
    assert [each["items"] for each in found.written["groups"]] == [
        ["<p>X</p>", "<p>Y</p>"], ["<p>Z</p>"],
    ]  # fmt: skip
    found = one(pairs("A X", rules="match_correct"))
    assert found.type_key == "grouping" and found.written["extra"] == ["<p>B</p>"]
    assert fault(pairs("A X", "A Y", "B X", rules="match_correct"))
    assert fault(pairs("A X", "C Y", rules="match_correct"))


def test_pairs_of_which_others_earn_as_much_are_a_fault() -> None:
    def worths(**more: float) -> str:
        entries = {"A X": 1, "B Y": 1, **{key.replace("_", " "): more[key] for key in more}}
        rows = (f'<mapEntry mapKey="{key}" mappedValue="{n}"/>' for key, n in entries.items())
        return f'<mapping defaultValue="0">{"".join(rows)}</mapping>'

    assert one(pairs("A X", "B Y", inner=worths())).written["scheme"] == "shares"
    assert fault(pairs("A X", "B Y", inner=worths(B_Z=1)))
    assert fault(pairs("A X", "B Y", inner=worths(B_Z=2)))
    assert len(one(pairs("A X", "B Y", inner=worths(B_Z=0.5))).notes) == 1


@pytest.mark.parametrize(
    ("rules", "scheme", "notes"),
    [
        ("match_correct", "all_or_nothing", 0),
        (
            "".join(
                f'<responseCondition><responseIf><match><index n="{n}">{OF}</index><index n="{n}">'
                f"{RIGHT}</index></match><setOutcomeValue identifier='SCORE'><sum><variable"
                " identifier='SCORE'/><baseValue baseType='float'>1</baseValue></sum>"
                "</setOutcomeValue></responseIf></responseCondition>"
                for n in (1, 2, 3)
            ),
            "places",
            0,
        ),
        (
            CUSTOM.format(of="<ordered>" + "".join(
                f'<baseValue baseType="identifier">{name}</baseValue>' for name in "ABC"
            ) + "</ordered>", score=1) + CUSTOM.format(of=RIGHT, score=2),
            "all_or_nothing",
            1,
        ),
    ],
)  # fmt: skip
def test_orders(rules: str, scheme: str, notes: int) -> None:
    body = choices("A", "B", "C").replace("choiceInteraction", "orderInteraction")
    found = one(
        item(body, response("identifier", "B", "C", "A", cardinality="ordered"), rules=rules)
    )
    assert [each["text"] for each in found.written["items"]] == [
        "<p>text B</p>", "<p>text C</p>", "<p>text A</p>",
    ]  # fmt: skip
    assert (found.written["scheme"], len(found.notes)) == (scheme, notes)
    assert fault(item(body, response("identifier", "B", "C", cardinality="ordered")))


def test_passages_cannot_hold_places_of_gaps() -> None:
    head = '<assessmentStimulusRef identifier="s" href="s.xml"/>'
    passage = "<assessmentStimulus><stimulusBody><p>a[[1]]</p></stimulusBody></assessmentStimulus>"
    question = item(f"<p>x {entry()} y</p>", response("string", "Xã"), head=head)
    (found,) = read(packed({"a.xml": question, "s.xml": passage}), "a.zip")
    assert isinstance(found, Draft)
    assert (found.prompt, found.written["text"]) == ("<p>a[ [1] ]</p>", "<p>x [[1]] y</p>")


def test_formulas_in_a_line() -> None:
    def said(inner: str) -> str:
        space = 'xmlns="http://www.w3.org/1998/Math/MathML"'
        return math_text(parsed(f"<math {space}>{inner}</math>".encode()))

    assert (
        said("<mfrac><mn>1</mn><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></mfrac>") == "1/(a + b)"
    )
    assert said("<msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><msqrt><mn>4</mn></msqrt>") == "x² = √4"
    assert said("<msub><mi>x</mi><mi>k</mi></msub>") == "x_k"


# --- hostile ---


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><assessmentItem>&b;</assessmentItem>',
        '<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><assessmentItem />',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/x">]><assessmentItem >&b;</assessmentItem>',
        "<assessmentItem ><p></assessmentItem>",
        "<assessmentItem >" * 50_000,
        "<assessmentItem >" + "<p>" * 5000 + "</p>" * 5000 + "</assessmentItem>",
    ],
)
def test_damaged_and_hostile_xml_is_a_fault(content: str) -> None:
    assert fault(content)


def test_damaged_packages_are_refused() -> None:
    whole = packed({"imsmanifest.xml": manifest(), "a.xml": "<a/>"})
    for content in (whole, whole[:-5], b"PK\x03\x04", whole + b"x", b"<a/>", b""):
        with pytest.raises(UnreadableFile):
            read(content, "a.zip")
    assert QtiFormat().recognises("a.zip", whole[:-5])


def test_large_questions_are_read_in_time_or_refused() -> None:
    many = [f"c{at}" for at in range(2000)]
    assert fault(item(choices(*many), response("identifier", "c1")))
    some = many[:90]
    credits = mapping(-1, **dict.fromkeys(some[:45], 1.0))
    declared = response("identifier", *some[:45], cardinality="multiple", inner=credits)
    assert one(item(choices(*some, most=0), declared, rules="map_response"))
    loop = "<sum>" + OF * 3000 + "</sum>"
    rules = f'<setOutcomeValue identifier="SCORE">{loop}</setOutcomeValue>' * 10
    declared = response("identifier", "c1", cardinality="multiple")
    assert fault(item(choices(*some, most=0), declared, rules=rules))


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
NAMES = st.sampled_from(
    ["A", "B", "C", "RESPONSE", "1", "-1", "0.5", "x y", "A B", "", "nan", "1e999"]
)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_junk_never_raises_anything_else(content: bytes) -> None:
    for junk in (content, b"PK\x03\x04" + content, b"<assessmentItem >" + content):
        QtiFormat().recognises("a.zip", junk)
        with contextlib.suppress(UnreadableFile):
            read(junk)


@given(data=st.data())
def test_odd_values_never_break_the_reading(data: Any) -> None:
    """Whatever stands in it, an item is a draft that says what is right, or a fault."""
    kind = data.draw(
        st.sampled_from(["choice", "order", "match", "gapMatch", "textEntry", "inlineChoice",
                         "hotspot", "selectPoint", "associate", "extendedText", "upload"])
    )  # fmt: skip
    base = st.sampled_from(["identifier", "string", "float", "integer", "pair", "directedPair",
                            "point", "boolean", "odd"])  # fmt: skip
    cardinality = st.sampled_from(["single", "multiple", "ordered", "record"])
    rows = "".join(
        f'<{tag} identifier="{data.draw(NAMES)}" shape="rect" coords="{data.draw(NAMES)}">x</{tag}>'
        for tag in ("simpleChoice", "simpleAssociableChoice", "gapText", "gap", "inlineChoice",
                    "hotspotChoice")
        for _at in range(data.draw(st.integers(0, 2)))
    )  # fmt: skip
    entries = {data.draw(st.sampled_from("ABC")): data.draw(st.floats(-2, 2)) for _at in range(2)}
    declared = response(
        data.draw(base),
        *data.draw(st.lists(NAMES, max_size=3)),
        cardinality=data.draw(cardinality),
        inner=mapping(data.draw(st.floats(-1, 1)), **entries)
        + '<areaMapping><areaMapEntry shape="circle" coords="1,1,1" mappedValue="1"/>'
        "</areaMapping>",
    )
    rules = data.draw(
        st.sampled_from(["match_correct", "map_response", "map_response_point", "",
                         CUSTOM.format(of=RIGHT, score=1), CUSTOM.format(of="", score=1),
                         EQUAL.format(mode="absolute", by="x", parts=OF + RIGHT),
                         "<responseCondition/>", "<setOutcomeValue identifier='SCORE'/>"])
    )  # fmt: skip
    name = f"{kind}Interaction"
    inner = f'<img src="a.png" alt="" width="{data.draw(NAMES)}"/>'
    inner += f"<simpleMatchSet>{rows}</simpleMatchSet>"
    body = f'<{name} responseIdentifier="RESPONSE">{inner * 2}{rows}</{name}>'
    content = item(body, declared, rules=rules)
    for each in read(packed({"a.xml": content, "a.png": png(9, 9)}), "a.zip"):
        assert isinstance(each, Fault) or each.type_key in (
            "single_choice", "true_false", "multiple_choice", "short_answer", "numeric",
            "matching", "grouping", "ordering", "gaps", "hotspot", "essay",
        )  # fmt: skip
