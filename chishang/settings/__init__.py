"""Settings, cut by subject: base (apps, database, language), security, api, backoffice (the admin's look)."""

from chishang.settings.api import *  # noqa: F403
from chishang.settings.backoffice import *  # noqa: F403
from chishang.settings.base import *  # noqa: F403
from chishang.settings.security import *  # noqa: F403
