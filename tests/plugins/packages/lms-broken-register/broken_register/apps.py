from lms.plugins.config import PluginConfig
from lms.plugins.contracts import EventSink, HomePanel


class Sink(EventSink):
    key = "broken_register.sink"


class Panel(HomePanel):
    key = "broken_register.panel"


class BrokenConfig(PluginConfig):
    name = "broken_register"

    def register(self, registries):
        registries.event_sinks.add(Sink())
        registries.home_panels.add(Panel())
        raise RuntimeError("half way through register()")
