"""Accounts that visitors make for themselves, on sites whose operator opened this."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from lms.people.errors import CannotMakeAccount
from lms.people.models import User
from lms.people.phones import normalise_phone
from lms.people.services.accounts import check_username, sign_up


class SignUpForm(SignupForm):
    """The full name, a user name and a password; a phone number if one likes. No e-mail."""

    full_name = forms.CharField(
        label=_("Full name"),
        max_length=160,
        help_text=_("As it shall stand in your learning record."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Phone (if you like)"),
        max_length=30,
        required=False,
        help_text=_("You can then sign in with it as well."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    field_order = ("full_name", "phone", "username", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "username": _("User name"),
            "password1": _("Password"),
            "password2": _("Password again"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["password1"].help_text = _(
            "At least 8 letters or digits, not digits alone, and nothing that others guess easily "
            "such as the user name. A few words that only you put together are best."
        )
        self.fields["username"].help_text = _("Letters, digits and the signs @ . + - _ only.")
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}

    def clean_full_name(self) -> str:
        name = " ".join(self.cleaned_data["full_name"].split())
        if not any(c.isalpha() for c in name):
            raise ValidationError(_("Write your full name."))
        return name

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone.strip() and not normalise_phone(phone):
            raise ValidationError(_("This is not a phone number."))
        return normalise_phone(phone)

    def clean_username(self) -> str:
        try:
            return check_username(self.cleaned_data["username"])
        except CannotMakeAccount as error:
            raise ValidationError(error.message) from error

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The new account; or, when somebody has just taken the user name, the form once more."""
        data = self.cleaned_data
        try:
            user = sign_up(
                full_name=data["full_name"],
                phone=data["phone"],
                username=data["username"],
                password=data["password1"],
            )
        except CannotMakeAccount as error:
            messages.error(request, str(error))
            return None, redirect("account_signup")
        return user, None
