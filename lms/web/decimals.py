"""Decimal numbers in the editor, as people write them: 0,5 in Vietnamese, 0.5 in English.

Django's own localised field is not enough: in Vietnamese it reads "0.125" as 125, in English
"0,5" as 5. Here a comma and a dot mean the same where there is only one of them.
"""

from __future__ import annotations

import re
from decimal import Decimal, DecimalException
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import SafeString
from wagtail.admin.compare import FieldComparison, TextDiff, register_comparison_class
from wagtail.admin.forms.models import register_form_field_override

GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?P<mark>[.,])\d{3})(?:(?P=mark)\d{3})*", re.ASCII)
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)


def decimal_in(text: str) -> Decimal:
    """The number in `text`; ValueError when it is none, or could mean two.

    A single comma or dot stands before the decimals; of two kinds the last one does, and the
    others must group thousands: 1.234,5 and 1,234.5 are the same number.
    """
    text = text.strip()
    at = max(text.rfind(","), text.rfind("."))
    if at >= 0 and (len(set(text) & {",", "."}) == 2 or text.count(text[at]) == 1):
        whole, rest = text[:at], f".{text[at + 1 :]}"
    else:
        whole, rest = text, ""
    if "," in whole or "." in whole:
        if not GROUPED.fullmatch(whole):
            raise ValueError(text)
        whole = whole.replace(",", "").replace(".", "")
    if not PLAIN.fullmatch(whole + rest):
        raise ValueError(text)
    try:
        return Decimal(whole + rest)
    except DecimalException as error:
        raise ValueError(text) from error


class WrittenDecimalField(forms.DecimalField):
    """A decimal shown in the language of the editor; takes a comma and a dot alike."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "localize": True})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as Django does
        """The number typed, or None where nothing was."""
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        try:
            return decimal_in(str(value))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Ask telephones for their keys with digits and a comma."""
        return {**super().widget_attrs(widget), "inputmode": "decimal"}


class DecimalComparison(FieldComparison):
    """Two versions of a number side by side, as the language writes numbers."""

    def htmldiff(self) -> SafeString:
        """The number, or the old and the new one."""
        shown = ["" if each is None else number_format(each) for each in (self.val_a, self.val_b)]
        if not self.has_changed():
            return SafeString(escape(shown[0]))
        marked: SafeString = TextDiff([("deletion", shown[0]), ("addition", shown[1])]).to_html()
        return marked


def register() -> None:
    """Use both for every decimal in the Wagtail admin, those of plugins too."""
    register_form_field_override(models.DecimalField, override={"form_class": WrittenDecimalField})
    register_comparison_class(models.DecimalField, comparison_class=DecimalComparison)
