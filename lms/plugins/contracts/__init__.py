"""What a plugin implements. Version 1.2; see docs/plugins.md."""

from lms.plugins.contracts.activity import (
    GRADED,
    PASSED,
    STANDARD_VERBS,
    SUBMITTED,
    VIEWED,
    ActivityType,
    CompletionRule,
    Grade,
    Mode,
    Pending,
    Permissions,
    PersonalData,
    Problem,
    Trait,
    Visit,
    progress_of,
    whole_percent,
)
from lms.plugins.contracts.blocks import LessonBlock
from lms.plugins.contracts.chores import Chore
from lms.plugins.contracts.panels import HomePanel, Panel, Priority
from lms.plugins.contracts.search import Found, SearchSource
from lms.plugins.contracts.sinks import EventSink
from lms.plugins.contracts.transfer import ArchiveReader, ArchiveWriter, Json

__all__ = [
    "GRADED",
    "PASSED",
    "STANDARD_VERBS",
    "SUBMITTED",
    "VIEWED",
    "ActivityType",
    "ArchiveReader",
    "ArchiveWriter",
    "Chore",
    "CompletionRule",
    "EventSink",
    "Found",
    "Grade",
    "HomePanel",
    "Json",
    "LessonBlock",
    "Mode",
    "Panel",
    "Pending",
    "Permissions",
    "PersonalData",
    "Priority",
    "Problem",
    "SearchSource",
    "Trait",
    "Visit",
    "progress_of",
    "whole_percent",
]
