"""Django's PostgreSQL backend, which starts the embedded server at the first connection."""

from typing import Any

from django.db.backends.postgresql import base

from chishang.core.postgres import server


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects to the server in ``settings_dict["DATA_DIR"]``; commands that need no database start none."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg2's parameters, with the socket of the running embedded server."""
        params = super().get_connection_params()
        return params | server.start(self.settings_dict["DATA_DIR"], database=self.settings_dict["NAME"])
