"""Two workers behind nginx, and everything they rest on, each a process that can be killed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from tests.conftest import create_postgres_database
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app
from tests.servers.nginx import running_nginx
from tests.servers.postgres import Postgres, free_port, mortal_postgres
from tests.servers.redis import Redis, running_redis
from tests.servers.smtp import MailServer, mail_server

NO_LIMITS = dict.fromkeys(
    ("MESSAGES_PER_MINUTE", "MESSAGES_PER_MINUTE_ADDRESS", "MODEL_CALLS_PER_MINUTE", "SOCKETS_PER_ADDRESS"),
    "100000",
)
"""The whole crowd sits behind one address."""


@dataclass
class Place:
    """Two workers and what they rest on."""

    one: App
    other: App
    front: str
    database_url: str
    postgres: Postgres
    redis: Redis
    mail: MailServer


@contextmanager
def cluster(folders: pytest.TempPathFactory, claude: RemoteServer) -> Iterator[Place]:
    """Two workers behind nginx, on a PostgreSQL, a Redis and a mail server of their own."""
    with ExitStack() as running:
        postgres = running.enter_context(mortal_postgres())
        redis = running.enter_context(running_redis())
        mail = running.enter_context(mail_server())
        url = create_postgres_database(postgres.url, "soak")
        front_port = free_port()
        settings = {
            "REFLEX_API_URL": f"http://localhost:{front_port}",
            "DATABASE_URL": url,
            "REDIS_URL": redis.url,
            "ANTHROPIC_BASE_URL": claude.url,
            "TRUSTED_PROXY_HOPS": "1",
            "SMTP_URL": mail.url,
            "MAIL_FROM": "support@example.com",
            "UNCLAIMED_AFTER_MINUTES": "1",
            **NO_LIMITS,
        }
        one, other = (
            running.enter_context(running_app(folders.mktemp(name), **settings)) for name in ("one", "other")
        )
        ports = [int(app.url.rpartition(":")[2]) for app in (one, other)]
        front = running.enter_context(running_nginx(ports, front_port))
        yield Place(one, other, front, url, postgres, redis, mail)
