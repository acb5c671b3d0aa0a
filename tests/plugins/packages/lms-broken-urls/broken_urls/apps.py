from lms.plugins.config import PluginConfig


class BrokenConfig(PluginConfig):
    name = "broken_urls"
