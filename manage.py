#!/usr/bin/env python
"""Django's command line for this site: where `make site` wrote .env, with that site's settings;
elsewhere with those of development."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    kind = "production" if (Path(__file__).parent / ".env").exists() else "dev"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"lms.settings.{kind}")
    execute_from_command_line(sys.argv)
