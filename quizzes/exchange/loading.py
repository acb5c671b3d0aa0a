"""From a file to the bank: read, checked, shown, and only then written, in one transaction."""

from __future__ import annotations

import hashlib
import html
import json
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.images import ImageFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image
from wagtail.images import get_image_model
from wagtail.log_actions import log
from wagtail.models import Revision

from lms.plugins.contracts import Json
from lms.plugins.errors import DomainError
from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import nfc
from quizzes.bodies import as_html
from quizzes.exchange.drafts import PICTURE, PICTURE_KEY, Draft, Fault, UnreadableFile
from quizzes.exchange.formats import QuestionFormat, format_of
from quizzes.faults import content_problems
from quizzes.models import Question

LARGEST = 60 * 1024 * 1024
PICTURES = frozenset({"PNG", "JPEG", "GIF", "WEBP"})
PIXELS = 50_000_000
MOST = 10_000  # questions in one file
_IMG = re.compile(rf'<img\b[^<>]*\bsrc="{PICTURE}[^<>]*>')
_SRC = re.compile(rf'\bsrc="{PICTURE}([^"]*)"')
_ALT = re.compile(r'\balt="([^"]*)"')


@dataclass
class Reading:
    """What a file would bring: the questions that can be kept, and a line for each problem."""

    format: QuestionFormat
    drafts: list[Draft] = field(default_factory=list)
    contents: list[Json] = field(default_factory=list)  # of each draft, as a version would keep it
    faults: list[Fault] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many questions of each kind can be kept."""
        return dict(sorted(Counter(draft.type_key for draft in self.drafts).items()))

    def as_json(self) -> Json:
        """`{"counts": {kind: n}, "problems": [{"place", "message"}]}`."""
        return {
            "counts": self.counts,
            "problems": [{"place": each.place, "message": each.message} for each in self.faults],
        }


def read_questions(name: str, content: bytes) -> Reading:
    """Read and check a file; nothing is written.

    One bad question is a problem of its own, never the end. Raises UnreadableFile for a file that
    is no file of questions, or too large.
    """
    if len(content) > LARGEST:
        raise UnreadableFile(
            _("The file is larger than %(limit)d MB. Split it.") % {"limit": LARGEST // 2**20}
        )
    found = Reading(format_of(name, content))
    for each in found.format.read(name, content):
        if isinstance(each, Fault):
            found.faults.append(each)
            continue
        if len(found.drafts) >= MOST:
            raise UnreadableFile(
                _("The file holds more than %(limit)d questions. Split it.") % {"limit": MOST}
            )
        data, reasons = _checked(each)
        found.faults += [Fault(each.place, reason) for reason in (*each.notes, *reasons)]
        if not reasons:
            found.drafts.append(each)
            found.contents.append(data)
    return found


@transaction.atomic
def load_questions(
    drafts: Iterable[Draft], *, publish: bool = False, by_id: int | None = None
) -> list[Question]:
    """Write the questions into the bank, as drafts unless `publish`; all of them or none.

    A code that is taken, or none, gets a new one. Pictures go into the image library, each once.
    """
    made = []
    by = get_user_model().objects.filter(pk=by_id).first() if by_id else None
    for draft in drafts:
        question = Question(live=False, **_code(draft))
        _fill(question, draft, _keep_pictures(draft, by_id))
        question.save()
        revision = _first_draft(question, by)
        if publish:
            revision.publish()
        made.append(question)
    return made


def _first_draft(question: Question, by: Any) -> Revision:
    """As `save_revision` does it, without a second round of indexing: there may be thousands."""
    revision = Revision.objects.create(
        content_object=question,
        base_content_type=question.get_base_content_type(),
        user=by,
        content=question.serializable_data(),
        object_str=str(question),
    )
    question.latest_revision, question.has_unpublished_changes = revision, True
    Question.objects.filter(pk=question.pk).update(
        latest_revision=revision, has_unpublished_changes=True
    )
    if by is not None:
        log(question, "wagtail.create", user=by, revision=revision, content_changed=True)
    return revision


def _code(draft: Draft) -> dict[str, str]:
    code = nfc(draft.code).strip()[:80]
    return {"code": code} if code and not Question.objects.filter(code=code).exists() else {}


def _reasons(draft: Draft) -> list[str]:
    return _checked(draft)[1]


def _checked(draft: Draft) -> tuple[Json, list[str]]:
    """What the question would say, and why it cannot be kept; no reason where it can.

    Adds to the notes of the draft what is missing.
    """
    for name in dict.fromkeys(_named(draft)):
        if name not in draft.pictures:
            draft.notes.append(_("The picture “%(name)s” is missing.") % {"name": name})
        elif not _is_sound(draft.pictures[name]):
            del draft.pictures[name]
            draft.notes.append(_("The picture “%(name)s” cannot be read.") % {"name": name})
    question = Question(code="…", live=False)
    try:
        _fill(question, draft, {})
    except DomainError as error:
        return {}, [str(error)]
    data = question.content()
    for name, value in draft.written.items():
        if _is_picture(value) and value[PICTURE_KEY] in draft.pictures:
            data[name] = {"url": "", "width": 1, "height": 1}  # nothing is written yet
    problems = content_problems(question.type_key, data)
    return data, [str(each.message) for each in problems if each.is_error]


def _is_sound(content: bytes) -> bool:
    """Whether it is a picture that browsers show, whole and not too large."""
    try:
        with Image.open(BytesIO(content)) as picture:
            if picture.format not in PICTURES or picture.width * picture.height > PIXELS:
                return False
            picture.verify()
    except Exception:  # noqa: BLE001 -- what a damaged picture makes Pillow raise is anybody's guess
        return False
    return True


def _fill(question: Question, draft: Draft, pictures: Mapping[str, int]) -> None:
    name = html.unescape(clean(as_html(draft.name), Profile.PLAIN))
    question.name = " ".join(name.split())[:200]
    question.prompt = _html(draft.prompt, pictures)
    question.explanation = _html(draft.explanation, pictures)
    question.hints = json.dumps(
        [
            {"type": "hint", "value": _html(hint, pictures), "id": str(uuid.uuid4())}
            for hint in draft.hints
        ]
    )
    question.write(draft.type_key, _with_pictures(dict(draft.written), pictures))


def _html(text: str, pictures: Mapping[str, int]) -> str:
    return _IMG.sub(lambda tag: _embed(tag[0], pictures), as_html(text))


def _embed(tag: str, pictures: Mapping[str, int]) -> str:
    """A picture of the library in place of one of the file; the tag as it is where none is kept."""
    source, alt = _SRC.search(tag), _ALT.search(tag)
    name = html.unescape(source[1]) if source else ""
    words = html.escape(html.unescape(alt[1]) if alt else "")
    if name in pictures:
        image = pictures[name]
        return f'<embed alt="{words}" embedtype="image" format="fullwidth" id="{image}"/>'
    return f"<em>[{words or html.escape(name)}]</em>"


def _with_pictures(value: Any, pictures: Mapping[str, int]) -> Any:
    if _is_picture(value):
        image = pictures.get(value[PICTURE_KEY])
        return {"image": image} if image is not None else None
    if isinstance(value, Mapping):
        return {name: _with_pictures(each, pictures) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_pictures(each, pictures) for each in value]
    if isinstance(value, str) and PICTURE in value:
        return _html(value, pictures)
    return value


def _is_picture(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {PICTURE_KEY}


def _named(draft: Draft) -> Iterator[str]:
    for text in (draft.prompt, draft.explanation, *draft.hints, *_texts(draft.written)):
        yield from (html.unescape(name) for name in _SRC.findall(text))
    yield from (each[PICTURE_KEY] for each in draft.written.values() if _is_picture(each))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _keep_pictures(draft: Draft, by_id: int | None) -> dict[str, int]:
    """The pictures that the question names, in the library; one that is there is not kept twice."""
    wanted = [name for name in dict.fromkeys(_named(draft)) if name in draft.pictures]
    images = get_image_model()
    found = {}
    for name in wanted:
        content = draft.pictures[name]
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        image = images.objects.filter(file_hash=digest).order_by("pk").first()
        if image is None:
            title = PurePosixPath(name).name[:200] or digest[:8]
            file = ImageFile(BytesIO(content), name=title)
            image = images(title=title, file=file, uploaded_by_user_id=by_id)
            # Wagtail's own forms set these two; by the hash a picture is known again.
            image.file_hash, image.file_size = digest, len(content)
            image.full_clean(exclude=["tags"])
            image.save()
        found[name] = image.pk
    return found
