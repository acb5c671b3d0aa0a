"""The editing form of a video: looks into the files that authors send in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from wagtail.admin.forms import WagtailAdminModelForm

from lms.plugins.errors import DomainError
from modules.activities.video.files import take_captions, take_poster, take_video


class VideoForm(WagtailAdminModelForm):
    """Refuses what is no video, takes its duration from the file, cleans the captions."""

    measured: int | None = None  # seconds that the file just sent in says it plays

    def clean_file(self) -> Any:
        """The video under the name by which it is stored."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        taken, found = self._taken(take_video, file)
        if found.seconds is not None:
            # The duration that the file itself gives is the one that progress is measured by.
            self.measured = max(1, round(found.seconds))
        return taken

    def clean(self) -> dict[str, Any]:
        """All fields; the duration that was read from the file goes before a typed one."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.measured is not None and "duration" in self.fields:
            data["duration"] = self.measured
        return data

    def clean_captions(self) -> Any:
        """The captions, cleaned."""
        return self._clean_upload("captions", take_captions)

    def clean_poster(self) -> Any:
        """The picture under the name by which it is stored."""
        return self._clean_upload("poster", take_poster)

    def _clean_upload(self, name: str, take: Callable[[Any], Any]) -> Any:
        file = self.cleaned_data[name]
        return self._taken(take, file) if isinstance(file, UploadedFile) else file

    def _taken(self, take: Callable[[Any], Any], file: UploadedFile[Any]) -> Any:
        try:
            return take(file)
        except DomainError as error:
            raise ValidationError(str(error)) from error
