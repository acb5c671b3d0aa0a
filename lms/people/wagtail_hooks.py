"""What this app adds to the Wagtail admin."""

from __future__ import annotations

from typing import Any

from wagtail import hooks
from wagtail.admin.views.account import NameEmailSettingsPanel
from wagtail.users.views.bulk_actions import AssignRoleBulkAction

from lms.people.admin.choosers import account_chooser, person_chooser
from lms.people.admin.viewsets import PeopleGroup

# Names belong to the person and e-mail is optional: the panel that demands both would keep people
# from saving anything else on that page. Wagtail has no setting for it.
NameEmailSettingsPanel.is_active = lambda self: False
# Joining the group of a role without a grant would go round `grant_role`: who grants, for where,
# from when, and never to oneself. Without models the action is offered nowhere.
AssignRoleBulkAction.models = []


@hooks.register("register_admin_viewset")  # type: ignore[untyped-decorator]  # Wagtail is untyped
def register_people() -> list[Any]:
    """The screens under "People", and choosing a person or an account in forms."""
    return [PeopleGroup(), person_chooser, account_chooser]
