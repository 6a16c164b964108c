"""A process that posts requests one after the other: ``python -m tests.finance.poster DB ACTOR PK …``.

It prints the key of each request once it is posted, so that whoever started it knows what was acknowledged.
"""

import os
import sys


def main(database: str, actor: str, *requests: str) -> None:
    """Post the requests (by key) in the database as the account ``actor`` (by key)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chishang.settings")
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    import django

    django.setup()
    from finance.models import Disbursement
    from finance.services import post_request
    from organizations.models import User

    for key in requests:
        post_request(actor=User.objects.get(pk=actor), request=Disbursement.objects.get(pk=key))
        print(key, flush=True)  # noqa: T201  that is its answer


if __name__ == "__main__":
    main(*sys.argv[1:])
