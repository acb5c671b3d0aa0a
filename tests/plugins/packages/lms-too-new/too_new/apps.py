from lms.plugins.config import PluginConfig


class NewConfig(PluginConfig):
    name = "too_new"
    requires_api = ">=2"
