"""Authentication by password; permissions by appointment."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from organizations.models import User


class AppointmentBackend(ModelBackend):
    """Django's backend, except that permissions come from the appointments in force today."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the permissions of today's duties; none for an object, whose rows the gate decides."""
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        if user_obj.is_superuser:
            return super().get_all_permissions(user_obj)
        return set(user_obj.access().permissions)
