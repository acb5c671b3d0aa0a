"""How gunicorn serves the site: gunicorn -c deploy/gunicorn.conf.py lms.wsgi

WEB_CONCURRENCY: worker processes (2). LMS_BIND: where it listens (127.0.0.1:8000).
"""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")

bind = os.environ.get("LMS_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
# The program is loaded once and shared by the workers: half the memory.
preload_app = True
# A worker is replaced after so many requests, not all at once, so that leaks stay small.
max_requests = 5000
max_requests_jitter = 500
timeout = 60
graceful_timeout = 30
keepalive = 30  # longer than the proxy's, or it would write into a connection that is closing
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 -- memory
# What a request may be; the bodies are limited by the site.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# Only a proxy on this machine may say who a request came from.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
control_socket_disable = True  # systemd looks after it
# The site writes a line for each request itself, without query strings.
accesslog = None
errorlog = "-"
loglevel = "warning"


def when_ready(server):
    """Refuse to serve people with the settings of development; prepare to share memory."""
    from django.conf import settings  # noqa: PLC0415 -- the program is loaded only now
    from django.db import connections  # noqa: PLC0415

    if settings.DEBUG:
        server.log.error("DEBUG is on: gunicorn serves people. Use lms.settings.production.")
        raise SystemExit(1)
    # What was opened while starting must not go through the fork.
    connections.close_all()
    gc.collect()
    gc.freeze()
