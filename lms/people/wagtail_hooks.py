"""What this app adds to the Wagtail admin."""

from __future__ import annotations

from typing import Any

from wagtail import hooks
from wagtail.admin.views.account import NameEmailSettingsPanel

from lms.people.admin.choosers import account_chooser, person_chooser
from lms.people.admin.viewsets import PeopleGroup

# Names belong to the person and e-mail is optional: the panel that demands both would keep people
# from saving anything else on that page. Wagtail has no setting for it.
NameEmailSettingsPanel.is_active = lambda self: False


@hooks.register("register_admin_viewset")
def register_people() -> list[Any]:
    """The screens under "People", and choosing a person or an account in forms."""
    return [PeopleGroup(), person_chooser, account_chooser]
