"""All addresses of the site. Vietnamese has no prefix, English stands under /en/."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from lms.plugins.mounting import plugin_patterns
from lms.web.views import media, player

handler400 = "lms.operations.views.bad_request"

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path(settings.MEDIA_URL.lstrip("/") + "public/<path:name>", media.public, name="media-public"),
    # For development only (it is empty without DEBUG), and after the public files: those are
    # served in parts, without which no browser can seek in a video.
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    *i18n_patterns(
        path("account/", include("lms.web.account_urls")),
        path("x/", include((plugin_patterns(), "plugins"))),
        path("", include("lms.web.urls")),
        re_path(r"^((?:[\w\-]+/)+)$", player.page, name="course-page"),
        path("", include(wagtail_urls)),
        prefix_default_language=False,
    ),
]
