from lms.people.models.accounts import Role, RoleGrant, User
from lms.people.models.persons import Appointment, Person, Position
from lms.people.models.units import (
    CentreService,
    TrainingCentre,
    Unit,
    UnitKind,
    UnitSuccession,
)

__all__ = [
    "Appointment",
    "CentreService",
    "Person",
    "Position",
    "Role",
    "RoleGrant",
    "TrainingCentre",
    "Unit",
    "UnitKind",
    "UnitSuccession",
    "User",
]
