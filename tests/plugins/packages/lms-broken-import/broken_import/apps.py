import a_module_that_is_missing

from lms.plugins.config import PluginConfig


class BrokenConfig(PluginConfig):
    name = "broken_import"
    summary = a_module_that_is_missing.SUMMARY
