"""Icons, plain-language durations and the trail of lessons, for templates."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from operator import attrgetter, itemgetter
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.template.loader_tags import BlockNode
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
@lru_cache
def icon(name: str) -> SafeString:
    """The outline icon `name` of web/icons.svg, hidden from screen readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("web/icons.svg"),
        name,
    )


@register.filter
def duration(minutes: int | None) -> str:
    """Minutes as people say them: "45 min", "2 h", "2 h 5 min"."""
    hours, rest = divmod(int(minutes or 0), 60)
    if not hours:
        return ngettext("%(n)d min", "%(n)d min", rest) % {"n": rest}
    if not rest:
        return ngettext("%(n)d h", "%(n)d h", hours) % {"n": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}


@register.filter
def initials(name: str | None) -> str:
    """The first letter of the given name, which in Vietnamese stands last."""
    words = (name or "").split()
    return words[-1][0].upper() if words else ""


ROW = ("url", "code", "title", "minutes", "state")


@register.simple_tag
def trail(lessons: Iterable[Any], current: str = "", lang: str = "") -> SafeString:
    """The lessons as stepping stones with their states in words; `current` is a lesson's code,
    `lang` the language of the titles where it differs from the page's.

    Built in one pass: as a template loop the 200 lessons of a course cost five milliseconds.
    """
    minutes_word = _("min")
    words = {"done": _("done"), "started": _("started"), "locked": _("not open yet")}
    spoken = f' lang="{escape(lang)}"' if lang else ""
    rows = []
    for lesson in lessons:
        read = itemgetter(*ROW) if isinstance(lesson, Mapping) else attrgetter(*ROW)
        url, code, title, minutes, state = read(lesson)
        here = ' aria-current="page"' if code == current else ""
        word = f" · {words[state]}" if state in words else ""
        rows.append(
            f'<li class="is-{escape(state)}"><a href="{escape(url)}"{here}>'
            f"<b{spoken}>{escape(code)} {escape(title)}</b>"
            f"<small>{int(minutes)} {minutes_word}{word}</small></a></li>"
        )
    # format_html_join would escape as well, at twice the time.
    return SafeString(f'<ol class="trail">{"".join(rows)}</ol>')


class KeptNode(Node):
    """What `{% kept %}` compiles to. Holds the pieces it has rendered, the oldest leave first."""

    KEPT = 512
    child_nodelists = ()  # no block is inside: Django need not look for any on every page

    def __init__(self, values: list[FilterExpression], nodelist: NodeList) -> None:
        self.values = values
        self.nodelist = nodelist
        self.pieces: OrderedDict[Any, SafeString] = OrderedDict()

    def render(self, context: Context) -> SafeString:
        values = [each.resolve(context, ignore_failures=True) for each in self.values]
        if None in values:
            return self.nodelist.render(context)
        key = (get_language(), *values)
        piece = self.pieces.get(key)
        if piece is None:
            piece = self.pieces[key] = self.nodelist.render(context)
            while len(self.pieces) > self.KEPT:
                self.pieces.popitem(last=False)
        return piece


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """`{% kept a b %}…{% endkept %}`: rendered once for each language and values of a and b.

    What stands inside must depend on nothing else, and never on the person. Where a value is None
    or missing it is rendered every time. A form's token or a block inside is refused.
    """
    values = [parser.compile_filter(each) for each in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    if nodelist.get_nodes_by_type(CsrfTokenNode):
        raise template.TemplateSyntaxError("a form's token is personal: it cannot be kept")
    if nodelist.get_nodes_by_type(BlockNode):
        raise template.TemplateSyntaxError("a block differs from page to page: it cannot be kept")
    return KeptNode(values, nodelist)
