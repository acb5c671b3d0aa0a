"""What went wrong in which plugin, kept for the health page and `manage.py check`."""

from __future__ import annotations

import logging
from dataclasses import dataclass

logger = logging.getLogger("lms.plugins")


@dataclass(frozen=True)
class Fault:
    """A plugin, the stage in which it failed (discovery, register, urls, hooks …) and why."""

    plugin: str
    stage: str
    reason: str


_faults: dict[str, Fault] = {}


def report(plugin: str, stage: str, error: BaseException | str) -> Fault:
    """Remember and log that `plugin` failed in `stage`. The first fault of a plugin stands."""
    reason = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    fault = _faults.setdefault(plugin, Fault(plugin, stage, reason))
    logger.error(
        "plugin %s failed in %s: %s",
        plugin,
        stage,
        reason,
        exc_info=error if isinstance(error, BaseException) else None,
    )
    return fault


def faults() -> list[Fault]:
    """Every fault since start-up, by plugin name."""
    return [_faults[name] for name in sorted(_faults)]


def has_failed(plugin: str) -> bool:
    """Whether `plugin` (its app name) is out of service because of a fault at start-up."""
    return plugin in _faults


def clear(plugin: str) -> None:
    """Forget the fault of `plugin`; used when a test has dealt with it."""
    _faults.pop(plugin, None)
