"""What a plugin has to do now and then, without anybody asking."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar


class Chore:
    """Work of once a day, such as removing what nobody needs any more. Since 1.2.

    One that fails is logged and holds up no other; it is tried again the next day.
    """

    key: ClassVar[str] = ""

    def run(self, now: dt.datetime) -> int:
        """Do it; how many things were done."""
        raise NotImplementedError  # contract
