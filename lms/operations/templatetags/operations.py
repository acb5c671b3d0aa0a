"""What error pages say about the request that failed."""

from __future__ import annotations

from django import template

from lms.operations.request_ids import current

register = template.Library()


@register.simple_tag
def request_id() -> str:
    """The id of this request, as in the log; empty outside of one."""
    return current.get()
