from django.utils.translation import gettext_lazy as _

from lms.plugins.config import PluginConfig


class DummyConfig(PluginConfig):
    name = "dummy"
    verbose_name = _("Dummy")
    summary = _("A whole good plugin, for tests.")
    author = "Hành Trang"
    default_settings = {"greeting": "Ghi chú của bạn"}

    def register(self, registries):
        from dummy import activity, extras, sink

        registries.activity_types.add(activity.NoteType())
        registries.event_sinks.add(sink.Ledger())
        registries.lesson_blocks.add(extras.Tip())
        registries.home_panels.add(extras.Notes(self.setting("greeting")))
        registries.search_sources.add(extras.NoteSearch())
