"""extendedTextInteraction and uploadInteraction as essays."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.qti_asked import Asked
from quizzes.exchange.qti_xml import whole_in


def extended_text(asked: Asked, interaction: Element) -> tuple[str, dict[str, Any]]:
    """A text of one's own. What the file calls right becomes guidance for who marks."""
    response = asked.response(interaction)
    if whole_in(interaction.get("maxStrings"), 1) > 1:
        asked.note(_("Several separate texts were asked for; here it is one."))
    if response.correct or response.worths:
        asked.note(_("The file marks this text by itself; here a person does."))
    template = "\n".join(response.default)
    return "essay", _essay(asked, interaction, {"may_type": True, "template": template})


def upload(asked: Asked, interaction: Element) -> tuple[str, dict[str, Any]]:
    """A file."""
    asked.response(interaction)
    return "essay", _essay(asked, interaction, {"may_type": False, "may_attach": True, "files": 1})


def _essay(asked: Asked, interaction: Element, own: dict[str, Any]) -> dict[str, Any]:
    response = asked.response(interaction)
    asked.ask(interaction)
    given = {response.identifier: response.value("x")}
    asked.feedback_on_all(given, given)
    parts = [asked.guidance()]
    for text in response.correct:
        parts.append(asked.page.paragraph(_("Right answer: %(text)s") % {"text": text}))
    return {**own, "guidance": "".join(parts)}
