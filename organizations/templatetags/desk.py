"""Whom to call, at the foot of every page: of the error pages and of the one kept on phones, too."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def desk_phone() -> str:
    """Return the office's telephone number; empty when the setting ``DESK_PHONE`` is not there."""
    return settings.DESK_PHONE
