"""Whom to call: the telephone of the township's committee, at the foot of every page."""

from django import template

from organizations.models import Organization

register = template.Library()


@register.simple_tag
def desk_phone() -> str:
    """Return the telephone number that the committee's record has; empty when there is none."""
    numbers = Organization.objects.filter(parent=None, dissolved_on=None).exclude(phone="")
    return numbers.values_list("phone", flat=True).first() or ""
