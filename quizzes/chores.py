"""What the quizzes do once a day."""

from __future__ import annotations

import datetime as dt

from lms.plugins.contracts import Chore
from quizzes.services.files import remove_strays
from quizzes.services.importing import remove_old


class RemoveStrayFiles(Chore):
    """Removes files of answers that no row knows, as an interrupted upload leaves them."""

    key = "quizzes.stray_files"

    def run(self, now: dt.datetime) -> int:
        return remove_strays(now)


class RemoveOldImports(Chore):
    """Removes files of questions that were sent in and never confirmed."""

    key = "quizzes.old_imports"

    def run(self, now: dt.datetime) -> int:
        return remove_old(now)
