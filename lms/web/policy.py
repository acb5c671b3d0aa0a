"""The content security policy of every page, as django-csp gives it; its header is made once.

django-csp puts the policy together twice for each answer (to enforce, and to report), which is
one part in thirty of a whole page. Ours is the same for every page, so it is made at the start;
an answer with wishes of its own (a nonce, a decorator of django-csp) is left to django-csp.
"""

from __future__ import annotations

from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """Sets the header of CONTENT_SECURITY_POLICY."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        policy = settings.CONTENT_SECURITY_POLICY
        self.header = build_policy()
        self.excluded = tuple(policy.get("EXCLUDE_URL_PREFIXES", ()))
        self.reports = bool(getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None))

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """`response` with the header."""
        special = any(name.startswith("_csp_") for name in response.__dict__)
        nonce = getattr(request, "_csp_nonce", None)
        if special or nonce is not None or self.reports or settings.DEBUG:
            return super().process_response(request, response)
        if HEADER not in response and not request.path_info.startswith(self.excluded):
            response.headers[HEADER] = self.header
        return response
