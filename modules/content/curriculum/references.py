"""Brings references.yaml into the register of legal references."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError

from modules.content.curriculum.frontmatter import TextError
from modules.content.curriculum.ledger import Ledger
from modules.content.curriculum.reading import REFERENCES
from modules.content.curriculum.texts import NAMESPACE, ReferenceText
from modules.content.models import LegalReference


def reference_key(code: str) -> uuid.UUID:
    """The key of a reference in the ledger."""
    return uuid.uuid5(NAMESPACE, f"reference:{code}")


def load_references(texts: dict[str, ReferenceText], ledger: Ledger) -> None:
    """Create or update what is new or changed. Who checked a reference, and when, is never set."""
    changed = [
        text for text in texts.values() if not ledger.is_same(reference_key(text.code), text.digest)
    ]
    for text in changed:
        found = LegalReference.objects.filter(code=text.code).first()
        reference = found or LegalReference(code=text.code)
        for name, value in text.fields.items():
            setattr(reference, name, value)
        _save(reference, text)
        action = "updated" if found else "created"
        ledger.tell(action, REFERENCES, f"reference {text.code}")
    for text in changed:  # now that all of them exist
        path = f"{REFERENCES}#{text.code}"
        reference = LegalReference.objects.get(code=text.code)
        successor = LegalReference.objects.filter(code=text.superseded_by).first()
        if reference.superseded_by != successor:
            reference.superseded_by = successor
            _save(reference, text)
        ledger.enter(reference_key(text.code), path, text.digest)


def _save(reference: LegalReference, text: ReferenceText) -> None:
    try:
        reference.full_clean()
    except ValidationError as error:
        raise TextError(REFERENCES, text.line, "; ".join(error.messages)) from error
    reference.save()
