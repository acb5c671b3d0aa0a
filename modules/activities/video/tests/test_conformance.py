from __future__ import annotations

from typing import Any

import pytest

from lms.plugins.testing import ActivityTypeTests
from modules.activities.video.activity import VideoType
from modules.activities.video.tests.factories import make_video


@pytest.mark.django_db
class TestVideo(ActivityTypeTests):
    activity_type = VideoType()

    def make_activity(self) -> Any:
        return make_video(transcript="<p>Lời của đoạn phim.</p>")

    def make_response(self, activity: Any) -> Any:
        return {"told": ["watched"]}
