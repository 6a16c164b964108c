"""Authentication by password; permissions by appointment."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from organizations.models import User
from organizations.permissions import is_confidential


class AppointmentBackend(ModelBackend):
    """Django's backend, except that permissions come from the appointments in force today."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the permissions of today's duties; none for an object, whose rows the gate decides."""
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        if user_obj.is_superuser:
            everything = super().get_all_permissions(user_obj)
            return {one for one in everything if not is_confidential(one)} | user_obj.access().permissions
        return set(user_obj.access().permissions)
