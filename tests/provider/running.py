"""Starts the provider as a process, and walks its pages as a browser does."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
CLIENT_ID = "hanh-trang"
CLIENT_SECRET = "invented for tests"
PASSWORD = "mat-khau-o-noi-khac-1"
#: Who has an account there, by user name.
PEOPLE = {
    "hoa": "Nguyễn Thị Hòa",
    "quanly": "Bàn Thị Mai Hiên",
    "nguoila": "Lò Văn Pành",
    "an.nv": "Nguyễn Văn An",
    "0912345678": "Vàng Thị Súa",
}


class Provider:
    """The provider while it runs. Close it when done."""

    def __init__(self, folder: Path, callback: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        with open(folder / "provider.log", "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.provider", callback],
                cwd=ROOT,
                env=kept | {"PROVIDER_FOLDER": str(folder), "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        said = self._process.stdout.readline().strip() if self._process.stdout else ""
        if not said:
            self.close()
            raise RuntimeError((folder / "provider.log").read_text())
        self.url = said

    def lie(self, **lies: Any) -> None:
        """What it is to say wrong from now on; nothing: the truth."""
        (self.folder / "lies.json").write_text(json.dumps(lies))

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(20)
        if self._process.stdout:
            self._process.stdout.close()


class Visitor:
    """Somebody's browser at the provider's pages."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.session = requests.Session()

    def sign_in(self, address: str, username: str, *, grant: bool = True) -> str:
        """From the site's link, by the sign-in there and the consent, to the way back."""
        page = self.session.get(address, timeout=20)
        if 'name="password"' in page.text:
            answers = {"login": username, "password": PASSWORD}
            page = self._post(page, answers, where=page.url)
        assert "Authorize" in page.text, page.text[:2000]
        answers = {"action": "grant" if grant else "cancel"}
        left = self._post(page, answers, where=f"{self.provider.url}/identity/o/authorize")
        assert left.status_code == 302, left.text[:2000]
        return str(left.headers["location"])

    def _post(
        self, page: requests.Response, answers: dict[str, str], *, where: str
    ) -> requests.Response:
        is_sign_in = "password" in answers
        fields: list[tuple[str, str]] = []
        for tag in re.findall(r"<input[^>]*>", page.text):
            known = dict(re.findall(r'(name|value|type)="([^"]*)"', tag))
            ticked = known.get("type") != "checkbox" or "checked" in tag
            if "name" in known and known["name"] not in answers and ticked:
                fields.append((known["name"], html.unescape(known.get("value", ""))))
        return self.session.post(
            where,
            data=[*fields, *answers.items()],
            headers={"Referer": page.url},
            allow_redirects=is_sign_in,
            timeout=20,
        )
