from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from lms.plugins.config import PluginConfig, Registries


class VideoConfig(PluginConfig):
    """Videos of one's own, on the same contract that any plugin has."""

    name = "modules.activities.video"
    label = "video"
    verbose_name = _("Videos")
    summary = _("A video file with captions or a transcript; counts the seconds really played.")
    author = "Hành Trang"
    default_settings: ClassVar[Mapping[str, Any]] = {
        "max_megabytes": 500,
        "max_caption_kilobytes": 1024,
        "max_poster_megabytes": 5,
    }

    def register(self, registries: Registries) -> None:
        """Add the video."""
        from modules.activities.video.activity import VideoType  # noqa: PLC0415 -- models are ready

        registries.activity_types.add(VideoType())
