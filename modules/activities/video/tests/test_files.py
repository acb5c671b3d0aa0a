"""What authors send in, through the form of the admin and through an import."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import translation
from PIL import Image
from wagtail.admin.panels import ObjectList
from wagtail.models import Locale
from wagtail.test.utils.form_data import rich_text

from lms.plugins.contracts.transfer import NoFiles
from lms.plugins.errors import DomainError
from lms.plugins.testing import MemoryFiles
from modules.activities.video.activity import VideoType
from modules.activities.video.models import Video
from modules.activities.video.tests.factories import CAPTIONS, CLIP, make_mp4, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def form_class():
    """The form as Wagtail makes it for the editing page."""
    panels = ObjectList(Video.panels, base_form_class=Video.base_form_class)
    return panels.bind_to_model(Video).get_form_class()


def picture(kind: str = "PNG", size: tuple[int, int] = (16, 9)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def filled(form_class, instance=None, data=None, **files):
    return form_class(
        {
            "title": "Đoạn phim",
            "duration": "0",
            "captions_language": "vi",
            "introduction": rich_text(""),
            "transcript": rich_text(""),
            "completion_rule": "watched",
            "references": "",
            **(data or {}),
        },
        {name: SimpleUploadedFile(*content) for name, content in files.items()},
        instance=instance or Video(),
    )


def test_form_names_files_by_content_and_reads_the_duration(form_class):
    form = filled(
        form_class,
        data={"duration": "999"},
        file=("../Phim của tôi.exe", CLIP),
        captions=("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<img src=x onerror=y>Xin"),
        poster=("a.gif", picture()),
    )
    assert form.errors == {}
    video = form.save(commit=False)
    video.locale, video.type_key = Locale.objects.get(language_code="vi"), "video.video"
    video.save()
    assert video.duration == 20
    assert video.file.name == make_video().file.name
    assert video.file.name.startswith("public/video/")
    assert video.file.name.endswith(".webm")
    assert video.poster.name.endswith(".png")
    with video.captions.open() as file:
        assert file.read() == b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nXin\n"


def test_form_takes_the_typed_duration_when_the_file_says_none(form_class):
    form = filled(form_class, data={"duration": "75"}, file=("a.mp4", make_mp4(None)))
    assert form.errors == {}
    assert form.save(commit=False).duration == 75


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "file",
            b"<html><script>alert(1)</script>",
            "This is no video in MP4 or WebM. Its name does not matter, its content does.",
        ),
        ("captions", b"1\n", "The first line of the captions must be WEBVTT."),
        (
            "poster",
            b'<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>',
            "The picture must be a JPEG, PNG or WebP file.",
        ),
        ("poster", picture("GIF"), "The picture must be a JPEG, PNG or WebP file."),
        (
            "poster",
            picture(size=(5000, 1)),
            "The picture may be at most 4096 pixels wide and high.",
        ),
    ],
    ids=["page as video", "no captions", "svg", "gif", "too wide"],
)
def test_form_refuses_a_wrong_file_and_says_why(form_class, name, content, message):
    with translation.override("en"):
        form = filled(form_class, **{"file": ("a.webm", CLIP), name: ("a.mp4", content)})
        assert form.errors == {name: [message]}


def test_form_refuses_a_file_over_the_limit(form_class):
    with (
        translation.override("en"),
        override_settings(LMS_PLUGIN_SETTINGS={"video": {"max_megabytes": 0.001}}),
    ):
        form = filled(form_class, file=("a.webm", CLIP))
        assert form.errors == {"file": ["The file is larger than 0.001 MB."]}


def test_form_keeps_the_files_that_there_are(form_class):
    video = make_video()
    form = filled(form_class, video, data={"duration": "20"})
    assert form.errors == {}
    assert form.save(commit=False).file.name == video.file.name


def test_problems_of_a_video_without_words():
    video = make_video(captions="", transcript="")
    assert [(each.field, each.is_error) for each in VideoType().problems(video)] == [
        ("transcript", True)
    ]


def test_problems_of_an_empty_video():
    fields = [each.field for each in VideoType().problems(Video())]
    assert fields == ["file", "duration", "transcript"]


def test_save_takes_scripts_out_of_the_transcript():
    video = make_video(transcript="<p>Lời<script>alert(1)</script></p>")
    assert video.transcript == "<p>Lời</p>"


def test_load_stores_the_same_video_once():
    files = MemoryFiles()
    data = VideoType().dump(make_video(), files)
    video = make_video()
    for _ in range(2):
        loaded = VideoType().load(data, files, version=1, into=video)
        loaded.save()
    assert (loaded.file.name, loaded.duration) == (make_video().file.name, 20)
    assert loaded.captions.name == make_video().captions.name


@pytest.mark.parametrize("name", ["file", "captions"])
def test_load_without_its_files_says_so(name):
    files = MemoryFiles()
    data = VideoType().dump(make_video(), files)
    with pytest.raises(DomainError):
        VideoType().load(data, NoFiles(), version=1)
    files.content[data[name]] = b"no"
    with pytest.raises(DomainError):
        VideoType().load(data, files, version=1)


def test_captions_of_the_factory_are_clean_already():
    with make_video().captions.open() as file:
        assert file.read().splitlines()[0] == CAPTIONS.splitlines()[0]
