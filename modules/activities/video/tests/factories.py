"""Videos, and learners who watch them, for tests.

`data/clip.webm` is our own: a counter drawn on a canvas, recorded by a browser, cut to 20 seconds.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from wagtail.models import Locale

from lms.learning import api
from lms.learning.models import Enrolment
from lms.people.models import User
from lms.people.tests.factories import UserFactory
from modules.activities.video.files import take_captions, take_video
from modules.activities.video.models import Video
from modules.content.models import CoursePage, LessonPage
from modules.content.tests.factories import make_course, make_lesson

_numbers = itertools.count(1)
CLIP = (Path(__file__).parent / "data" / "clip.webm").read_bytes()
CAPTIONS = "WEBVTT\n\n00:01.000 --> 00:04.000\nXin chào\n".encode()


def box(kind: bytes, content: bytes = b"") -> bytes:
    """An MP4 box."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def make_mp4(seconds: float | None = 90, *, brand: bytes = b"isom", version: int = 0) -> bytes:
    """The headers of an MP4 file, without pictures."""
    scale, ticks = 1000, 0 if seconds is None else round(seconds * 1000)
    if version:
        header = struct.pack(">B3xQQIQ", 1, 0, 0, scale, ticks)
    else:
        header = struct.pack(">B3xIIII", 0, 0, 0, scale, ticks)
    movie = box(b"moov", box(b"mvhd", header + bytes(80)))
    return box(b"ftyp", brand + bytes(4) + brand) + box(b"free", bytes(5)) + movie


def make_video(*, publish: bool = True, **fields: Any) -> Video:
    """A published video of 20 seconds with captions."""
    locale = fields.pop("locale", None) or Locale.objects.get_or_create(language_code="vi")[0]
    file, _ = take_video(ContentFile(CLIP))
    video = Video(
        locale=locale,
        live=False,
        **{
            "title": f"Đoạn phim {next(_numbers)}",
            "type_key": "video.video",
            "file": file,
            "captions": take_captions(ContentFile(CAPTIONS)),
            "duration": 20,
            **fields,
        },
    )
    video.save()
    revision = video.save_revision()
    if publish:
        revision.publish()
    return Video.objects.get(pk=video.pk)


@dataclass
class Placed:
    """A video in a lesson, and a learner who takes the course."""

    video: Video
    course: CoursePage
    lesson: LessonPage
    user: User
    enrolment: Enrolment

    @property
    def played_url(self) -> str:
        return f"/x/video/activities/{self.video.uuid}/played/"

    @property
    def where_url(self) -> str:
        return f"/x/video/where/?activity={self.video.uuid}"

    @property
    def submit_url(self) -> str:
        return f"/learn/activities/{self.video.uuid}/submit/"


def make_placed(video: Video | None = None, **fields: Any) -> Placed:
    """A course with one lesson that holds `video`, and a learner enrolled in it."""
    video = video or make_video(**fields)
    course = make_course(modules=1, lessons=0)
    lesson = make_lesson(course, video)
    user = UserFactory()
    enrolment = api.enrol(person=user.person, course_key=course.translation_key)
    return Placed(video, course, lesson, user, enrolment)
