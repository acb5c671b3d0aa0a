"""`manage.py plugins verify`: what it says of good and of broken plugins, before they do harm."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lms.plugins.trial import STEPS
from lms.plugins.verifying import NotAPlugin, read_project
from tests.plugins.sites import PACKAGES

pytestmark = pytest.mark.django_db  # sites begin with a copy of this database


@pytest.fixture
def verdict(empty_database):
    """Verifies a plugin; gives the steps with their result, the whole output and the error."""

    def verify(path: Path) -> tuple[list[str], str, str]:
        output, error = io.StringIO(), ""
        try:
            call_command("plugins", "verify", path, database=empty_database, stdout=output)
        except CommandError as refused:
            error = str(refused)
        text = output.getvalue()
        steps = [line for line in text.splitlines() if line.startswith(("ok ", "FAILED "))]
        return [step.split()[0] for step in steps], text, error

    return verify


@pytest.fixture
def changed(tmp_path):
    """A copy of a package, with one text in one of its files replaced."""

    def make(name: str, file: str, old: str, new: str) -> Path:
        copy = tmp_path / name
        shutil.copytree(PACKAGES / name, copy)
        text = (copy / file).read_text()
        assert text.count(old) == 1
        (copy / file).write_text(text.replace(old, new))
        return copy

    return make


def test_verify_passes_a_good_plugin_through_every_step(verdict):
    results, text, error = verdict(PACKAGES / "lms-dummy")

    assert error == ""
    assert results == ["ok"] * len(STEPS)
    assert text.splitlines()[-1] == f"{PACKAGES / 'lms-dummy'} may be installed"


@pytest.mark.parametrize(
    ("name", "passed", "reason"),
    [
        ("lms-broken-import", 0, "No module named 'a_module_that_is_missing'"),
        ("lms-too-new", 0, "needs plugin API >=2, this platform has 1.2"),
        ("lms-broken-models", 1, "missing 1 required positional argument: 'on_delete'"),
        ("lms-broken-register", 1, "RuntimeError: half way through register()"),
        ("lms-broken-hooks", 1, "TypeError: register() got an unexpected keyword argument"),
        ("lms-broken-urls", 2, "No module named 'broken_urls.views'"),
    ],
)
def test_verify_stops_at_the_step_that_fails_and_says_why(verdict, name, passed, reason):
    results, text, error = verdict(PACKAGES / name)

    assert results == ["ok"] * passed + ["FAILED"]
    assert reason in text
    assert error == f"do not install {PACKAGES / name}: it fails at “{list(STEPS)[passed]}”"


def test_verify_refuses_models_without_their_migration(verdict, changed):
    copy = changed("lms-dummy", "dummy/models.py", "max_length=200", "max_length=201")

    results, text, error = verdict(copy)

    assert results == ["ok", "ok", "ok", "FAILED"]
    assert "Alter field question on note" in text


def test_verify_refuses_models_without_any_migration(verdict, tmp_path):
    copy = shutil.copytree(PACKAGES / "lms-dummy", tmp_path / "lms-dummy")
    shutil.rmtree(copy / "dummy" / "migrations")

    results, text, error = verdict(copy)

    assert results == ["ok", "ok", "ok", "FAILED"]
    assert "Create model WrittenNote" in text


def test_verify_refuses_an_activity_type_without_conformance_tests(verdict, changed):
    copy = changed("lms-dummy", "dummy/tests.py", "(ActivityTypeTests, TestCase)", "(TestCase)")

    results, text, error = verdict(copy)

    assert results == ["ok"] * 5 + ["FAILED"]
    assert "no tests with lms.plugins.testing.ActivityTypeTests for dummy.note" in text


def test_conformance_tests_find_every_broken_promise(verdict):
    results, text, error = verdict(PACKAGES / "lms-broken-promises")

    failed = {
        line.split()[1]
        for line in text.splitlines()
        if line.strip().startswith(("FAIL: ", "ERROR: "))
    }
    assert results == ["ok"] * 5 + ["FAILED"]
    assert failed == {
        "test_key_and_label_are_present",
        "test_completion_rules_can_be_met",
        "test_renders_in_every_mode_without_writing",
        "test_html_has_no_inline_code",
        "test_query_count_is_flat",
        "test_handing_in_gives_a_sound_result",
        "test_bad_answers_raise_nothing_but_domain_errors",
        "test_refuses_in_words_and_shows_again_what_was_typed",
        "test_evidence_can_be_read_and_is_gone_after_forget",
        "test_dump_and_load_round_trip",
        "test_bad_data_raise_nothing_but_domain_errors",
        "test_forget_leaves_nothing",
    }


# --- reading what a folder declares


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        ("this is = = no toml", "is no TOML"),
        ("[project]\nname = 'x'\n", "declares no entry point"),
        ("[project.entry-points.'lms.plugins']\nx = 'x.apps:X'\n", "holds no package x"),
    ],
)
def test_folder_that_holds_no_plugin_is_named_with_what_is_missing(tmp_path, text, reason):
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)

    with pytest.raises(NotAPlugin, match=reason):
        read_project(tmp_path)
    with pytest.raises(CommandError, match=reason):
        call_command("plugins", "verify", tmp_path)


def test_package_in_a_folder_src_is_found(tmp_path):
    (tmp_path / "src" / "x").mkdir(parents=True)
    declared = "[project]\nname = 'lms-x'\n[project.entry-points.'lms.plugins']\nx = 'x.apps:X'\n"
    (tmp_path / "pyproject.toml").write_text(declared)

    project = read_project(tmp_path)

    assert project.root == tmp_path / "src"
    assert (project.name, project.configs) == ("lms-x", ["x.apps:X"])
