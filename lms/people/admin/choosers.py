"""Choosing a person or an account among those that one may see."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView, ChosenView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from lms.people.models import Person, User
from lms.people.queries import accounts_visible_to
from lms.plugins.vietnamese import fold


def with_words(accounts: QuerySet[User], text: str) -> QuerySet[User]:
    """Accounts whose user name, or whose person's name, holds every word of `text`."""
    for word in fold(text).split():
        accounts = accounts.filter(
            Q(username__contains=word) | Q(person__search_text__contains=word)
        )
    return accounts


class WordsForm(BaseFilterForm):
    """One field: words of a name, with or without marks."""

    q = forms.CharField(label=_("Name"), required=False)

    def filter(self, objects: Any) -> Any:
        """The objects that hold all the words."""
        found = super().filter(objects)
        if words := self.cleaned_data.get("q"):
            self.is_searching, self.search_query = True, words
            if found.model is Person:
                return found.search(words)
            return with_words(found, words)
        return found


class OnlyPersonsInReach:
    """Lists and answers persons whom the reader may see."""

    filter_form_class = WordsForm

    def get_object_list(self) -> QuerySet[Person]:
        return Person.objects.visible_to(self.request.user)  # type: ignore[attr-defined]

    def get_object(self, pk: Any) -> Person:
        return self.get_object_list().get(pk=pk)


class PersonChooseView(OnlyPersonsInReach, ChooseView):
    pass


class PersonChooseResultsView(OnlyPersonsInReach, ChooseResultsView):
    pass


class PersonChosenView(OnlyPersonsInReach, ChosenView):
    pass


class PersonChooserViewSet(ChooserViewSet):
    model = Person
    icon = "user"
    choose_one_text = _("Choose a person")
    choose_another_text = _("Choose another person")
    edit_item_text = _("Edit this person")
    choose_view_class = PersonChooseView
    choose_results_view_class = PersonChooseResultsView
    chosen_view_class = PersonChosenView


class OnlyAccountsInReach:
    """Lists and answers accounts whom the reader may see, with the names of their persons."""

    filter_form_class = WordsForm

    def get_object_list(self) -> QuerySet[User]:
        reader = self.request.user  # type: ignore[attr-defined]
        return accounts_visible_to(reader).order_by("username")

    def get_object(self, pk: Any) -> User:
        return self.get_object_list().get(pk=pk)

    @property
    def columns(self) -> list[Column]:
        name = Column("name", label=_("Name"), accessor="get_full_name")
        return [*super().columns, name]  # type: ignore[misc]  # a mixin over untyped views


class AccountChooseView(OnlyAccountsInReach, ChooseView):
    pass


class AccountChooseResultsView(OnlyAccountsInReach, ChooseResultsView):
    pass


class AccountChosenView(OnlyAccountsInReach, ChosenView):
    pass


class AccountChooserViewSet(ChooserViewSet):
    model = User
    icon = "user"
    choose_one_text = _("Choose an account")
    choose_another_text = _("Choose another account")
    edit_item_text = _("Edit this account")
    choose_view_class = AccountChooseView
    choose_results_view_class = AccountChooseResultsView
    chosen_view_class = AccountChosenView
    register_widget = False


person_chooser = PersonChooserViewSet("person_chooser")
account_chooser = AccountChooserViewSet("account_chooser")
