"""The files in deploy/ and the manual: what they name is there and agrees with the settings."""

from __future__ import annotations

import importlib.util
import re
import runpy
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandParser

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
MANUAL = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
INSTALLED = "/opt/hanh-trang"  # where the manual has the program
DATA = "/var/lib/hanh-trang"
SERVICES = sorted(path.name for path in DEPLOY.glob("*.service"))
MEGABYTE = 2**20


def unit(name: str) -> ConfigParser:
    """A unit of systemd."""
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return parser


def options_of(command: str) -> CommandParser:
    """What a command of manage.py takes."""
    app = get_commands()[command]
    return load_command_class(app, command).create_parser("manage.py", command)


def place(path: str) -> Path:
    """Where something of the installed program is in this repository."""
    return ROOT / Path(path).relative_to(INSTALLED)


# --- systemd ---------------------------------------------------------------------------------
def test_units_are_those_that_the_manual_turns_on() -> None:
    assert [name.split("-")[2] for name in SERVICES] == [
        "backup.service", "web.service", "worker.service"
    ]  # fmt: skip
    (enabled,) = re.findall(r"systemctl enable --now (.+)", MANUAL)
    for name in enabled.split():
        path = DEPLOY / (name if "." in name else f"{name}.service")
        assert "Install" in unit(path.name), name


@pytest.mark.parametrize("name", SERVICES)
def test_service_starts_what_there_is(name: str) -> None:
    service = unit(name)["Service"]
    program, *arguments = shlex.split(service["ExecStart"])
    assert program.startswith(f"{INSTALLED}/.venv/bin/")
    if program.endswith("/gunicorn"):
        assert re.search(r"^gunicorn==", (ROOT / "requirements.txt").read_text(), re.M)
        assert arguments[0] == "-c"
        assert (ROOT / arguments[1]).is_file()
        assert importlib.util.find_spec(arguments[2]) is not None
    else:
        assert arguments[0] == "manage.py"
        options_of(arguments[1]).parse_args(arguments[2:])  # ends the test where it takes no such


@pytest.mark.parametrize("name", SERVICES)
def test_service_runs_as_the_account_of_the_manual_and_writes_its_data_only(name: str) -> None:
    service = unit(name)["Service"]
    assert f"adduser --system --group --home {DATA} {service['User']}" in MANUAL
    assert service["Group"] == service["User"]
    assert service["WorkingDirectory"] == INSTALLED
    assert service["ReadWritePaths"] == DATA
    assert service["ProtectSystem"] == "strict"
    assert service["UMask"] == "0077"


@pytest.mark.parametrize("name", ["hanh-trang-web.service", "hanh-trang-worker.service"])
def test_service_comes_back_after_a_fault_and_names_its_manual(name: str) -> None:
    found = unit(name)
    assert found["Service"]["Restart"] in {"always", "on-failure"}
    assert place(found["Unit"]["Documentation"].removeprefix("file://")).is_file()


def test_timer_starts_the_backup_every_night() -> None:
    timer = unit("hanh-trang-backup.timer")
    assert re.fullmatch(r"\*-\*-\* 0[0-5]:\d\d:\d\d", timer["Timer"]["OnCalendar"])
    assert timer["Timer"]["Persistent"] == "true"
    keep = re.search(r"--keep (\d+)", unit("hanh-trang-backup.service")["Service"]["ExecStart"])
    assert keep[1] == "14"
    assert "keeps two weeks of them" in " ".join(MANUAL.split())


# --- gunicorn, nginx, Caddy ------------------------------------------------------------------
@pytest.fixture
def gunicorn(monkeypatch) -> dict[str, object]:
    for name in ("WEB_CONCURRENCY", "LMS_BIND", "FORWARDED_ALLOW_IPS"):
        monkeypatch.delenv(name, raising=False)
    return runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))


def _seconds(pattern: str, text: str) -> int:
    return int(re.search(pattern, text)[1])


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_proxy_agrees_with_gunicorn(name: str, gunicorn: dict[str, object]) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert re.search(rf"(server|reverse_proxy) {re.escape(str(gunicorn['bind']))}\b", text)
    kept = _seconds(r"keepalive(?:_timeout)? (\d+)s", text)
    assert kept < gunicorn["keepalive"]
    waits = _seconds(r"(?:proxy_read_timeout|response_header_timeout) (\d+)s", text)
    assert waits > gunicorn["timeout"]


def _largest(text: str) -> int:
    """What the proxy lets through, in bytes."""
    nginx = re.search(r"client_max_body_size (\d+)m;", text)
    return int(nginx[1]) * MEGABYTE if nginx else _seconds(r"max_size (\d+)MiB", text) * MEGABYTE


def test_proxies_let_through_what_the_site_takes() -> None:
    taken = max(settings.LMS_BODY_LIMITS.values())
    told = re.search(r"`LMS_UPLOAD_MEGABYTES` \| the largest request [^|]* \((\d+)\)", MANUAL)
    assert int(told[1]) * MEGABYTE == taken
    for name in ("nginx.conf", "Caddyfile"):
        allowed = _largest((DEPLOY / name).read_text(encoding="utf-8"))
        assert taken < allowed <= taken + MEGABYTE, name


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_static_and_media_come_from_the_site_itself(name: str) -> None:
    """The site serves both, with its own rights and caching: a proxy must not reach around it."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert not re.search(r"(location|handle|root|alias)\s[^\n]*(static|media|/var/lib)", text)
    assert "whitenoise.middleware.WhiteNoiseMiddleware" in settings.MIDDLEWARE


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_proxy_hides_metrics_and_says_who_asks(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert re.search(
        r"(location = /metrics \{ return 404; \}|handle /metrics \{\s+respond 404)", text
    )
    assert re.search(r"X-Forwarded-For (\$remote_addr|\{remote_host\})", text)
    assert re.search(r"X-Request-ID( \"\")?", text)


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_pages_that_the_proxy_shows_are_there_and_stand_alone(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    (folder,) = set(re.findall(rf"root[ *]+({INSTALLED}/[\w/-]+)", text))
    shown = set(re.findall(r"/(\d+\.html)", text))
    assert shown == {"413.html", "502.html"}
    for page in shown:
        content = (place(folder) / page).read_text(encoding="utf-8")
        assert not re.search(r"(src|href)=\"?(https?:|/static)", content), page


def test_nginx_comment_counts_the_names() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert len(re.findall(r"hoc\.example\.vn", text.partition("upstream")[2])) == 5
    assert "(five places)" in text


def test_nginx_takes_its_file(tmp_path: Path) -> None:
    if not shutil.which("nginx") or not shutil.which("openssl"):
        pytest.skip("nginx is not installed here")
    certificate = next(line for line in MANUAL.splitlines() if "openssl req" in line)
    subprocess.run(shlex.split(certificate), cwd=tmp_path, check=True, capture_output=True)  # noqa: S603 -- of our manual
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"/etc/letsencrypt/live/[^/]+", str(tmp_path), text)
    text = text.replace("/var/log/nginx", str(tmp_path))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    command = ["nginx", "-t", "-q", "-c", str(whole), "-e", str(tmp_path / "error.log")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- fixed
    assert done.returncode == 0, done.stderr


# --- the manual ------------------------------------------------------------------------------
def _commands_in_the_manual() -> Iterator[tuple[str, list[str]]]:
    text = re.sub(r"\\\n\s*", " ", MANUAL)
    for command, rest in re.findall(r"manage\.py ([a-z_]+)([^\n`;]*)", text):
        yield command, re.findall(r"(?<=\s)--[a-z][a-z-]*", rest)


def test_flags_that_the_manual_names_exist() -> None:
    seen = 0
    for command, flags in _commands_in_the_manual():
        known = options_of(command)._option_string_actions
        assert [flag for flag in flags if flag not in known] == [], command
        seen += len(flags)
    assert seen > 15


def test_flags_in_the_sentences_of_the_manual_exist() -> None:
    used = {command for command, _flags in _commands_in_the_manual()}
    known = {flag for command in used for flag in options_of(command)._option_string_actions}
    alone = set(re.findall(r"`(--[a-z][a-z-]*)`", MANUAL))
    assert alone - known == set()
    assert "--continue" in alone


#: Not for operators: where tests put media, and where .env is.
INSIDE = {"LMS_TEST_MEDIA", "LMS_ENV_FILE"}


def test_manual_and_settings_name_the_same_variables() -> None:
    sources = [*(ROOT / "lms" / "settings").glob("*.py"), DEPLOY / "gunicorn.conf.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    read = set(re.findall(r"(?:environ(?:\.get)?[(\[]|csv_from_env\()\s*\"(LMS_[A-Z_]+)\"", text))
    table = set(re.findall(r"`(LMS_[A-Z_]+)", MANUAL))
    told = {name for name in read if name in table or name.startswith("LMS_OIDC_")}
    assert read - told - INSIDE == set()
    assert "`LMS_OIDC_…`" in MANUAL
    assert table - read - {"LMS_OIDC_"} == set()
