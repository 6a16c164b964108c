"""What the migrations stored, laid again after each test that commits.

Django's own way, to truncate every table and to make content types and permissions anew, takes ten times as long.
"""

from io import BytesIO

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

Ground = dict[str, bytes]
"""The rows of each table, as COPY writes them."""


def ground_now() -> Ground:
    """Return what every table holds."""
    models = apps.get_models(include_auto_created=True)
    return {table: _rows_of(table) for table in sorted({model._meta.db_table for model in models if _is_table(model)})}


def lay(ground: Ground) -> None:
    """Let every table hold that and nothing else."""
    with transaction.atomic(), connection.cursor() as cursor:
        names = ", ".join(f'"{table}"' for table in ground)
        cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")  # whoever still writes comes to an end first
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key has a say
        filled = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in ground)
        cursor.execute(" UNION ALL ".join(filled))
        for (table,) in cursor.fetchall():
            cursor.execute(f'DELETE FROM "{table}"')
        for table, rows in ground.items():
            if rows:
                cursor.copy_expert(f'COPY "{table}" FROM STDIN', BytesIO(rows))


def _is_table(model: type[Model]) -> bool:
    return model._meta.managed and not model._meta.proxy


def _rows_of(table: str) -> bytes:
    rows = BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" TO STDOUT', rows)
    return rows.getvalue()
