from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lms.plugins.config import PluginConfig, Registries


class QuizzesConfig(PluginConfig):
    """Quizzes of questions from a bank, on the same contract that any plugin has."""

    name = "quizzes"
    label = "quizzes"
    verbose_name = _("Quizzes")
    summary = _("Questions with feedback, from a bank in which every edit is a version.")
    author = "Hành Trang"

    def register(self, registries: Registries) -> None:
        """Add the quiz, its panel on the home page, and the question types that come with it."""
        from quizzes import receivers  # noqa: PLC0415 -- models are ready only now
        from quizzes.activity import QuizType  # noqa: PLC0415 -- as above
        from quizzes.behaviours import BUILT_IN as BEHAVIOURS  # noqa: PLC0415 -- as above
        from quizzes.chores import RemoveOldImports, RemoveStrayFiles  # noqa: PLC0415 -- as above
        from quizzes.contracts import behaviours, question_types  # noqa: PLC0415 -- as above
        from quizzes.exchange import built_in  # noqa: PLC0415 -- as above
        from quizzes.exchange.formats import formats  # noqa: PLC0415 -- as above
        from quizzes.panels import ToMark, UnfinishedQuizzes  # noqa: PLC0415 -- as above
        from quizzes.question_types import BUILT_IN  # noqa: PLC0415 -- as above

        registries.activity_types.add(QuizType())
        registries.home_panels.add(UnfinishedQuizzes())
        registries.home_panels.add(ToMark())
        registries.chores.add(RemoveStrayFiles())
        registries.chores.add(RemoveOldImports())
        for behaviour in BEHAVIOURS:
            if behaviour.key not in behaviours:
                behaviours.add(behaviour)
        for question_type in BUILT_IN:
            if question_type.key not in question_types:
                question_types.add(question_type)
        for each in built_in.FORMATS:
            if each.key not in formats:
                formats.add(each)
        receivers.connect()
