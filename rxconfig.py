"""What Reflex needs to know, from our own settings."""

import os
from functools import partialmethod

import reflex as rx

from supportbot.settings import settings

# A phone that vanishes is noticed after a minute, not after two and a half.
os.environ.setdefault("REFLEX_SOCKET_TIMEOUT", "30s")
# In development only what people edit restarts the server. The database lies beside it, and its lock and
# write-ahead log change at every start: watched, they would restart it for ever.
os.environ.setdefault("REFLEX_HOT_RELOAD_OVERRIDE_PATHS", "supportbot:assets")

_settings = settings()
# Reflex would choose a number of its own; ours is 1 unless PostgreSQL and Redis are there to share.
os.environ["GRANIAN_WORKERS"] = str(_settings.workers)
# Redis carries our live log and limits. Reflex must not keep its pages' state there: each token would cost
# twice as much, and a Redis that stops would freeze every page.
os.environ.pop("REFLEX_REDIS_URL", None)

if _settings.workers > 1:
    # Reflex leaves granian's default, by which one worker that dies takes all the others with it.
    from granian.server import Server

    Server.__init__ = partialmethod(Server.__init__, respawn_failed_workers=True)

config = rx.Config(
    app_name="supportbot",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[],
    # A sitemap would list the staff pages.
    disable_plugins=[rx.plugins.SitemapPlugin],
    redis_url=None,
    db_url=_settings.sync_database_url,
    # Only what must survive is kept, and that is in the database: pages rebuild themselves from it.
    state_manager_mode="memory",
    trusted_proxy_hops=_settings.trusted_proxy_hops,
    # An empty list: no other site may read our HTTP answers, and the socket library leaves the Origin rule
    # to the guard in front of it, which also knows the server's own address.
    cors_allowed_origins=[],
    frontend_compression_formats=["gzip"],
)
