"""The WSGI application for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")
application = get_wsgi_application()

from lms.operations.safety import refuse_the_unsafe  # noqa: E402 -- models are ready only now

refuse_the_unsafe()
