"""Django's settings of the peer."""

import os
from urllib.parse import unquote, urlsplit

_database = urlsplit(os.environ["DATABASE_URL"])

SECRET_KEY = JWT_SECRET = os.environ["JWT_SECRET"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
INSTALLED_APPS = ["channels", "loadtests.peers.channels_django"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path.lstrip("/"),
        "USER": _database.username,
        "PASSWORD": unquote(_database.password or ""),
        "HOST": _database.hostname,
        "PORT": _database.port,
        "OPTIONS": {"pool": {"min_size": 10, "max_size": 10}},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": os.environ.get("CHANNEL_LAYER", "channels_redis.core.RedisChannelLayer"),
        "CONFIG": {
            "hosts": [os.environ["REDIS_URL"]],
            # A process that has 100 messages waiting is sent no more, unless told: they are lost.
            "capacity": 10_000,
        },
    }
}
