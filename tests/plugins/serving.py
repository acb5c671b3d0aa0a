"""A site that plays scenes: reads one as a line of JSON, answers with a line of JSON."""

from __future__ import annotations

import json
import sys
import traceback

import django


def main() -> None:
    """Play until the input ends. Whatever scenes print goes to the log."""
    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    from tests.plugins import scenes  # noqa: PLC0415 -- needs the site

    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"result": getattr(scenes, asked["scene"])(**asked["arguments"])}
        except (Exception, SystemExit):  # noqa: BLE001 -- told to the test, which fails on it
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
