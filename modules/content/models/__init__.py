from modules.content.models.activity import Activity, ActivityQuerySet
from modules.content.models.help import ContactPage, HelpPage
from modules.content.models.outline import Address, CourseOutline, Placement
from modules.content.models.pages import (
    Access,
    CataloguePage,
    CoursePage,
    LessonPage,
    LessonReference,
    ModulePage,
)
from modules.content.models.references import Certainty, LegalReference, ReferenceState
from modules.content.models.sources import ImportedText
from modules.content.models.workflow import PeerReviewTask

__all__ = [
    "Access",
    "Activity",
    "ActivityQuerySet",
    "Address",
    "CataloguePage",
    "Certainty",
    "ContactPage",
    "CourseOutline",
    "CoursePage",
    "HelpPage",
    "ImportedText",
    "LegalReference",
    "LessonPage",
    "LessonReference",
    "ModulePage",
    "PeerReviewTask",
    "Placement",
    "ReferenceState",
]
