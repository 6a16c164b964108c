"""What must not be so in production, checked at the start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from organizations.models import User


@register(Tags.database)
def no_demonstration_accounts(*, databases: Any = None, **_options: Any) -> list[CheckMessage]:
    """Refuse a production start while accounts with the printed demonstration password exist."""
    if not databases or not settings.PRODUCTION:
        return []
    try:
        names = list(User.objects.filter(is_demo=True, is_active=True).values_list("username", flat=True)[:20])
    except DatabaseError:  # before the first migration
        return []
    if not names:
        return []
    return [
        Error(
            f"数据库里有演示账号（{'、'.join(names)}），口令是公开的，正式运行不能启动。",
            hint="请换一个新的数据库，或在后台停用这些账号。",
            id="organizations.E001",
        )
    ]
