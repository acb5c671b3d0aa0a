from lms.people.models.accounts import RoleGrant, User
from lms.people.models.persons import Appointment, Person, Position, Sex
from lms.people.models.units import (
    CentreService,
    TrainingCentre,
    Unit,
    UnitKind,
    UnitSuccession,
)
from lms.people.roles import Role

__all__ = [
    "Appointment",
    "CentreService",
    "Person",
    "Position",
    "Role",
    "RoleGrant",
    "Sex",
    "TrainingCentre",
    "Unit",
    "UnitKind",
    "UnitSuccession",
    "User",
]
