from lms.plugins.config import PluginConfig


class FailingConfig(PluginConfig):
    name = "failing"

    def register(self, registries):
        from failing import activity, extras

        registries.activity_types.add(activity.TroubleType())
        registries.activity_types.add(activity.TroublePageType())
        registries.event_sinks.add(extras.Down())
        registries.event_sinks.add(extras.Undecided())
        registries.lesson_blocks.add(extras.TroubleBlock())
        registries.home_panels.add(extras.TroublePanel())
        registries.home_panels.add(extras.OddPanel())
        registries.search_sources.add(extras.TroubleSearch())
