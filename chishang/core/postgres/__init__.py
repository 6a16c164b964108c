"""PostgreSQL that the portal runs itself when no DATABASE_URL is set."""
