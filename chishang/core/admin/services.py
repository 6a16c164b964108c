"""Registers whose rows are stored by services: what a service refuses is an error of the form."""

from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from chishang.core.admin.base import RegisterAdmin
from chishang.core.forms import show_errors


class ServiceForm(forms.ModelForm):
    """A form that stores its row by calling ``store(row)``, which each form defines."""

    actor: Any = None
    """Who fills it in."""
    names: dict[str, str] = {}
    """The form's name for a field that the service calls otherwise."""
    store: Any

    def _post_clean(self) -> None:
        """Store a copy through the service, so that what it refuses is still an error of this form."""
        super()._post_clean()  # type: ignore[misc]  # Django's hook, which its stubs leave out
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.instance = self.store(copy(self.instance))
        except ValidationError as error:
            show_errors(self, error, self.names)


class ServiceAdmin(RegisterAdmin):
    """A register with such a form; ``add_form`` asks for more when a row is new."""

    add_form: Any = None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001,FBT002  Django's
        """Tell the form who fills it in."""
        new = {} if obj or self.add_form is None else {"form": self.add_form}
        form = super().get_form(request, obj, change, **new | kwargs)
        form.actor = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Do nothing more: the form has stored the row through the service."""
