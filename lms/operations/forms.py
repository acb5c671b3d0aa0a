"""How large documents may be; pictures and videos have settings of their own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm


class SizedDocumentForm(BaseDocumentForm):
    """Wagtail's form for documents, with LMS_DOCUMENT_BYTES as the most."""

    def clean_file(self) -> Any:
        """The file, if it is not too large."""
        file = self.cleaned_data["file"]
        most = settings.LMS_DOCUMENT_BYTES
        if isinstance(file, UploadedFile) and file.size is not None and file.size > most:
            raise ValidationError(
                _("The file is larger than %(limit)g MB.") % {"limit": most / 2**20}
            )
        return file
