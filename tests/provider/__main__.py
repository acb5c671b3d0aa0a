"""Run the provider: `python -m tests.provider CALLBACK`. Says its address, and serves until ended.

Everything lives in PROVIDER_FOLDER. People: hoa, quanly, nguoila, an.nv and 0912345678, all with
the password of `tests.provider.running`.
"""

from __future__ import annotations

import os
import socketserver
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.core.management import call_command

from tests.provider.running import CLIENT_ID, CLIENT_SECRET, PASSWORD, PEOPLE


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """Answers while it asks, as two tabs do."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """No line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def main(callback: str) -> None:
    """Make the database with its people and the one client, and serve."""
    folder = Path(os.environ["PROVIDER_FOLDER"])
    key = folder / "key.pem"
    if not key.exists():
        from tests.provider.keys import new_key  # noqa: PLC0415 -- before Django reads settings

        key.write_text(new_key())
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.provider.settings"
    django.setup()
    from allauth.idp.oidc.models import Client  # noqa: PLC0415 -- models are ready by now
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    for username, name in PEOPLE.items():
        User.objects.create_user(username, password=PASSWORD, first_name=name)
    client = Client(
        id=CLIENT_ID,
        name="Hành Trang",
        scopes="openid\nprofile\nemail\nphone",
        redirect_uris=callback,
    )
    client.set_secret(CLIENT_SECRET)
    client.save()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
