from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import override_settings

from lms.people.shared_cache import CULL_EVERY, SharedFileCache, check_folder

ROOT = Path(__file__).resolve().parents[3]
BACKEND = "lms.people.shared_cache.SharedFileCache"

#: Counts failed sign-ins to one account, as a process of a site in production.
TRY = """
import sys, django
django.setup()
from allauth.core.internal import ratelimit
from django.test import RequestFactory
request = RequestFactory().post("/account/login/")
for _ in range(int(sys.argv[1])):
    counted = ratelimit.consume(request, app="allauth.account", action="login_failed", key="hoa")
    print("counted" if counted else "locked")
"""
ADD_MANY = """
import sys, django
django.setup()
from django.core.cache import cache
won = [cache.add(f"seat-{number}", sys.argv[1], 60) for number in range(300)]
for _ in range(200):
    cache.incr("people")
print(sum(won))
"""


@pytest.fixture
def cache(tmp_path: Path) -> SharedFileCache:
    return SharedFileCache(tmp_path / "cache.sqlite3", {})


def in_processes(path: Path, script: str, *arguments: str) -> list[str]:
    """What the script says in several processes that run at once on the cache at `path`."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lms.settings.production",
        "LMS_SECRET_KEY": "invented for the tests of the cache, long enough to be taken",
        "LMS_HOSTS": "testserver",
        "LMS_CACHE_FILE": str(path),
        "PYTHONPATH": str(ROOT),
    }
    running = [
        subprocess.Popen(  # noqa: S603 -- our own scripts
            [sys.executable, "-c", script, argument],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for argument in arguments
    ]
    said = [each.communicate(timeout=60)[0] for each in running]
    assert [each.returncode for each in running] == [0] * len(running), said
    return said


def test_processes_share_the_count_of_failed_sign_ins(tmp_path: Path) -> None:
    said = in_processes(tmp_path / "cache.sqlite3", TRY, "4", "4", "4")
    words = [word for text in said for word in text.split()]
    assert (words.count("counted"), words.count("locked")) == (5, 7)


def test_of_processes_that_add_at_once_one_succeeds_and_no_count_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    cache = SharedFileCache(path, {})
    cache.set("people", 0, 60)
    said = in_processes(path, ADD_MANY, "a", "b")
    assert sum(int(text) for text in said) == 300
    assert cache.get("people") == 400


def test_threads_that_add_at_once(cache: SharedFileCache) -> None:
    start = threading.Barrier(8)

    def seats(name: int) -> int:
        start.wait()
        return sum(cache.add(f"seat-{number}", name, 60) for number in range(100))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(seats, range(8))) == 100


@pytest.mark.parametrize("value", [0, "Hòa", None, [1.5, "x"], {"a": (1, 2)}])
def test_gives_back_what_was_stored(cache: SharedFileCache, value: Any) -> None:
    cache.set("key", value, 60)
    assert cache.get("key", "nothing") == value
    assert cache.has_key("key") is True  # noqa: W601 -- the method of Django's caches
    assert cache.delete("key") is True
    assert cache.delete("key") is False
    assert cache.get("key", "nothing") == "nothing"


def test_what_has_ended_is_gone_and_may_be_added_anew(
    cache: SharedFileCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    assert cache.add("key", "first", 10) is True
    assert cache.add("key", "second", 10) is False
    assert cache.touch("key", 20) is True
    monkeypatch.setattr(time, "time", lambda: now + 15)
    assert cache.get("key") == "first"
    monkeypatch.setattr(time, "time", lambda: now + 30)
    assert cache.get("key") is None
    assert cache.touch("key", 20) is False
    assert cache.add("key", "second", 10) is True
    assert cache.get("key") == "second"


def test_without_end_it_stays(cache: SharedFileCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.set("key", 1, None)
    later = time.time() + 10 * 365 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert cache.get("key") == 1


def test_counts_only_what_is_there(cache: SharedFileCache) -> None:
    with pytest.raises(ValueError, match="not found"):
        cache.incr("people")
    cache.set("people", 2, 60)
    assert cache.incr("people", 3) == 5
    assert cache.decr("people") == 4


def test_clear_and_versions(cache: SharedFileCache) -> None:
    cache.set("key", "one", 60, version=1)
    cache.set("key", "two", 60, version=2)
    assert cache.get_many(["key"], version=2) == {"key": "two"}
    cache.clear()
    assert [cache.get("key", version=version) for version in (1, 2)] == [None, None]


def test_flood_of_invented_names_leaves_the_longest_counts(tmp_path: Path) -> None:
    """An attacker fills the cache: what ends first goes, the count under attack stays."""
    small = SharedFileCache(tmp_path / "cache.sqlite3", {"MAX_ENTRIES": 100})
    small.set("hoa", 5, 300)
    for number in range(CULL_EVERY * 2):
        small.set(f"invented-{number}", 1, 60)
    assert small.get("hoa") == 5
    with small._writing() as connection:
        ((count,),) = connection.execute("SELECT COUNT(*) FROM entries")
    assert count <= 100 + CULL_EVERY


def test_file_is_its_owners_alone(cache: SharedFileCache) -> None:
    cache.set("key", 1, 60)
    assert stat.S_IMODE(cache._path.stat().st_mode) == 0o600


def test_child_process_opens_the_file_anew(cache: SharedFileCache) -> None:
    cache.set("key", 1, 60)
    before = cache._connection()
    child = os.fork()
    if child == 0:  # the test goes on in the parent only
        anew = cache._connection() is not before
        os._exit(0 if anew and cache.get("key") == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_failed_write_leaves_no_transaction_open(cache: SharedFileCache) -> None:
    cache.set("word", "text", 60)
    with pytest.raises(TypeError):
        cache.incr("word")
    cache.set("word", "other", 60)
    assert cache.get("word") == "other"


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[], Any]:
    location = {"BACKEND": BACKEND, "LOCATION": str(tmp_path / "cache.sqlite3")}
    with override_settings(CACHES={"default": location}):
        yield lambda: caches["default"]


def test_settings_name_it(configured: Callable[[], Any]) -> None:
    assert isinstance(configured(), SharedFileCache)
    configured().set("key", 1)
    assert configured().get("key") == 1


def test_folder_of_the_file_is_checked(tmp_path: Path, settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": BACKEND, "LOCATION": str(tmp_path / "own" / "cache.sqlite3")}
    }
    (tmp_path / "own").mkdir(mode=0o700)
    assert check_folder() == []
    (tmp_path / "own").chmod(0o777)
    assert [error.id for error in check_folder()] == ["people.E004"]
    settings.CACHES = {"default": {"BACKEND": BACKEND, "LOCATION": "/nowhere/cache.sqlite3"}}
    assert [error.id for error in check_folder()] == ["people.E004"]


def test_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite3").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="cache.sqlite3"):
        SharedFileCache(tmp_path / "cache.sqlite3", {}).set("key", 1)
    assert not (tmp_path / "elsewhere").exists()
