"""What `manage.py plugins verify` runs in a process of its own: `python -m lms.plugins.trial`.

Takes the configs of one plugin (`package.apps:Config`), announces each step on a line of its own
and ends with the first that fails.
"""

from __future__ import annotations

import sys
import traceback
import unittest
from collections.abc import Callable, Iterator
from typing import Any, Final

import django
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test.runner import DiscoverRunner

MARK: Final = "\x1e"  # begins the line that announces a step


class Refused(Exception):
    """A step failed; says why, for the author of the plugin."""


def packages_of(configs: list[str]) -> list[str]:
    """The top-level packages of these configs."""
    return sorted({config.partition(":")[0].partition(".")[0] for config in configs})


def find(configs: list[str]) -> None:
    """All of these plugins are among the installed ones."""
    rejected = {each.path: each.reason for each in settings.LMS_PLUGINS.rejected}
    for config in configs:
        path = config.replace(":", ".")
        if path not in settings.LMS_PLUGINS.apps:
            raise Refused(f"{config}: {rejected.get(path, 'its entry point was not found')}")


def start(configs: list[str]) -> None:
    """Models, register() and wagtail_hooks.py load."""
    django.setup()


def check(configs: list[str]) -> None:
    """`manage.py check` finds no error; urls.py loads."""
    call_command("check")


def compare_migrations(configs: list[str]) -> None:
    """Models and migrations agree, in the plugin and, with it installed, in the platform."""
    from lms.plugins.config import PluginConfig  # noqa: PLC0415 -- needs the site

    packages = packages_of(configs)
    labels = [
        app.label
        for app in apps.get_app_configs()
        if app.name.partition(".")[0] in packages or not isinstance(app, PluginConfig)
    ]
    call_command("makemigrations", *labels, check_changes=True, dry_run=True)


def migrate(configs: list[str]) -> None:
    """The migrations run."""
    call_command("migrate", verbosity=0)


def test(configs: list[str]) -> None:
    """The plugin's tests pass, and among them are conformance tests for every activity type."""
    from lms.plugins.config import registries  # noqa: PLC0415 -- needs the site
    from lms.plugins.testing import ActivityTypeTests  # noqa: PLC0415 -- as above

    packages = packages_of(configs)
    default: dict[str, Any] = settings.DATABASES["default"]
    default["TEST"] = {**default.get("TEST", {}), "NAME": default["NAME"]}  # migrated just now
    runner = DiscoverRunner(verbosity=1, interactive=False, keepdb=True)
    tested = {
        case.activity_type.key
        for case in _cases(runner.build_suite(packages))
        if isinstance(case, ActivityTypeTests)
    }
    types = registries.activity_types
    own = {each.key for each in types if types.owner_of(each.key).partition(".")[0] in packages}
    if own - tested:
        missing = ", ".join(sorted(own - tested))
        raise Refused(f"no tests with lms.plugins.testing.ActivityTypeTests for {missing}")
    if failures := runner.run_tests(packages):
        raise Refused(f"{failures} tests failed")


def _cases(suite: Any) -> Iterator[unittest.TestCase]:
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from _cases(each)
        else:
            yield each


STEPS: Final[dict[str, Callable[[list[str]], None]]] = {
    "found, imported, made for this plugin API": find,
    "the site starts with it": start,
    "manage.py check": check,
    "manage.py makemigrations --check": compare_migrations,
    "manage.py migrate": migrate,
    "conformance tests, its own tests": test,
}


def main(configs: list[str]) -> int:
    """The exit code: 0 when every step passed."""
    for name, step in STEPS.items():
        sys.stdout.write(f"{MARK}{name}\n")
        sys.stdout.flush()
        try:
            step(configs)
        except (Refused, CommandError) as error:
            sys.stdout.write(f"{error}\n")
            return 1
        except Exception:  # noqa: BLE001 -- shown to the author of the plugin
            traceback.print_exc(file=sys.stdout)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
