"""Reads that join accounts, duties and appointments."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Min

from organizations.models import Appointment, User


def idle_time_of(user: User) -> timedelta:
    """Return after which idle time a session of ``user`` ends: the shortest that one of today's duties asks for.

    One who holds no duty today gets the portal's default.
    """
    in_force = Appointment.objects.in_force().filter(user=user)
    minutes = in_force.aggregate(shortest=Min("duty__idle_minutes"))["shortest"]
    return timedelta(minutes=minutes) if minutes else timedelta(seconds=settings.SESSION_COOKIE_AGE)
