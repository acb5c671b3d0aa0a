from django.test import TestCase
from wagtail.models import Locale

from broken_promises.activity import Promise
from broken_promises.models import Promise as PromiseRow
from lms.plugins.testing import ActivityTypeTests


class PromiseTests(ActivityTypeTests, TestCase):
    activity_type = Promise()

    def make_activity(self):
        locale, _ = Locale.objects.get_or_create(language_code="vi")
        return PromiseRow.objects.create(title="Promise", number=7, locale=locale)

    def make_response(self, activity):
        return {"words": ["I promise"]}

    def make_refused_response(self, activity):
        return {"words": ["I do not"]}
