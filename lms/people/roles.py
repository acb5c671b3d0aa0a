"""The roles of the platform (domain.md 5.5), and the reach that each is granted with."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody does here. Each value is also the name of a Django group."""

    LEARNER = "learner", _("learner")
    INSTRUCTOR = "instructor", _("instructor")
    REVIEWER = "reviewer", _("reviewer")
    CENTRE_MANAGER = "centre_manager", _("centre manager")
    UNIT_OFFICER = "unit_officer", _("unit officer")
    OBSERVER = "observer", _("observer")
    ADMINISTRATOR = "administrator", _("administrator")


#: Work on lessons and classes, for one centre or for all.
FOR_A_CENTRE_OR_ALL = (Role.INSTRUCTOR, Role.REVIEWER)
#: Concern the whole site; a centre or a unit would say nothing.
FOR_THE_SITE = (Role.LEARNER, Role.ADMINISTRATOR)
