from lms.learning.models.assignments import AssignedPerson, Assignment
from lms.learning.models.attempts import Attempt
from lms.learning.models.enrolments import CourseInstructor, Enrolment, ResumePoint
from lms.learning.models.events import AppendOnly, Delivery, LearningEvent
from lms.learning.models.progress import (
    ActivityProgress,
    CourseProgress,
    LessonProgress,
    ModuleProgress,
)

__all__ = [
    "ActivityProgress",
    "AppendOnly",
    "AssignedPerson",
    "Assignment",
    "Attempt",
    "CourseInstructor",
    "CourseProgress",
    "Delivery",
    "Enrolment",
    "LearningEvent",
    "LessonProgress",
    "ModuleProgress",
    "ResumePoint",
]
