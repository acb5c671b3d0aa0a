from lms.plugins.config import PluginConfig


class BrokenConfig(PluginConfig):
    name = "broken_promises"

    def register(self, registries):
        from broken_promises.activity import Promise

        registries.activity_types.add(Promise())
