from lms.people.models.accesses import RecordAccess
from lms.people.models.accounts import RoleGrant, User
from lms.people.models.activation import ActivationCode
from lms.people.models.imports import ImportRow, PeopleImport, RememberedColumns
from lms.people.models.merges import DifferentPersons, PersonMerge
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
    "ActivationCode",
    "Appointment",
    "CentreService",
    "DifferentPersons",
    "ImportRow",
    "PeopleImport",
    "Person",
    "PersonMerge",
    "Position",
    "RecordAccess",
    "RememberedColumns",
    "Role",
    "RoleGrant",
    "Sex",
    "TrainingCentre",
    "Unit",
    "UnitKind",
    "UnitSuccession",
    "User",
]
