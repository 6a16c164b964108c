"""What the registers share in the admin: hidden from others, sealed texts, a purpose before each reading."""

from collections.abc import Callable
from datetime import timedelta
from functools import update_wrapper
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse, reverse_lazy
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from chishang.core.admin import RegisterAdmin
from discipline.models.sealed import SealedText
from discipline.services.readings import check_purpose, record_reading

PURPOSES = "discipline_purposes"
"""Where the session keeps for what a record was opened."""
OPEN_FOR = timedelta(minutes=15)
"""After that the purpose is asked again."""
KEPT_FOR = timedelta(hours=8)
"""So long a form that was opened may still be saved."""
SAVED = "保存修改"
ONE_LINE = 100
"""Sealed texts of at most so many characters are typed in one line."""


def hidden(site: Any, permission: str, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return ``view``, answering as an unknown address of the admin to those without ``permission``."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if site.has_permission(request) and not request.user.has_perm(permission):
            raise Http404
        return view(request, *args, **kwargs)

    update_wrapper(answer, view)
    # Unknown addresses of the admin send the anonymous to its own sign-in, and Django those of a register elsewhere.
    answer.login_url = reverse_lazy("admin:login")  # type: ignore[attr-defined]  # read by LoginRequiredMiddleware
    return answer


class ConfidentialAdmin(RegisterAdmin):
    """A register of the discipline office. For others its addresses do not exist, and nothing logs its rows' names."""

    def get_urls(self) -> list[URLPattern]:
        """Hide every page of the register."""
        pages: list[URLPattern] = super().get_urls()
        for page in pages:
            page.callback = hidden(self.admin_site, self._permission("view"), page.callback)
        return pages

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Keep nothing in the admin's own log: the history says who did what."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Keep nothing in the admin's own log."""


class SealedForm(forms.ModelForm):
    """A form with a field for each sealed text of its model."""

    from_steps: tuple[str, ...] = ()
    """Fields that a step fills in: there once it is taken, to be put right."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for sealed in self._meta.model.sealed_texts():
            if sealed.name in self.fields:
                self.fields[sealed.name].initial = getattr(self.instance, sealed.name) if self.instance.pk else ""

    def clean(self) -> dict[str, Any]:
        """Leave alone what was not asked: a step that somebody took while this form was open."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.not_asked = {
            name for name in self.from_steps if name in self.fields and self.add_prefix(name) not in self.data
        }
        return cleaned | {name: getattr(self.instance, name) for name in self.not_asked}

    @property
    def typed(self) -> set[str]:
        """What was changed, in the words of the services."""
        return set(self.changed_data) - self.not_asked

    def _post_clean(self) -> None:
        """Encrypt what was typed before the model is checked."""
        for sealed in self._meta.model.sealed_texts():
            if sealed.name in self.cleaned_data:
                setattr(self.instance, sealed.name, self.cleaned_data[sealed.name])
        super()._post_clean()  # type: ignore[misc]  # Django's hook, which its stubs leave out


def sealed_field(sealed: SealedText) -> forms.CharField:
    """Return the form field of a sealed text."""
    widget = UnfoldAdminTextInputWidget() if sealed.limit <= ONE_LINE else UnfoldAdminTextareaWidget({"rows": 3})
    return forms.CharField(label=sealed.label, max_length=sealed.limit, required=sealed.required, widget=widget)


class PurposeForm(forms.Form):
    """For what a record is opened."""

    purpose = forms.CharField(
        label="查阅目的",
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"autofocus": True}),
        help_text="如：“准备案件审理”。目的会记入查阅记录，承办人可以看到。",
    )

    def clean_purpose(self) -> str:
        """Refuse a purpose that says nothing."""
        try:
            return check_purpose(self.cleaned_data["purpose"])
        except ValidationError as error:
            raise forms.ValidationError(error.messages) from error


class ReadWithPurpose(ConfidentialAdmin):
    """A register each reading of which is kept. Before a record is shown one says for what; it holds 15 minutes."""

    purpose_template = "admin/discipline/purpose.html"

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the record, once the purpose is known."""
        answer = self.ask_purpose(request, object_id, may_save=True)
        return answer or super().change_view(request, object_id, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the history, once the purpose is known."""
        answer = self.ask_purpose(request, object_id)
        return answer or super().history_view(request, object_id, *args, **kwargs)

    def ask_purpose(self, request: HttpRequest, object_id: str, *, may_save: bool = False) -> HttpResponse | None:
        """Keep the reading and return None when the purpose is known; else return the page that asks for it.

        Every page that shows the record calls this first. A row that one may not see is none. With ``may_save`` a form
        that was opened for a purpose is still taken after that has run out.
        """
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if "purpose" in request.POST:
            form = PurposeForm(request.POST)
            if not form.is_valid():
                return self._purpose_page(request, row, form)
            self._remember(request, row, form.cleaned_data["purpose"])
            return redirect(request.get_full_path())
        # Whoever saves has the record before him already; what he typed must not be lost to a purpose that ran out.
        purpose = self._remembered(request, row)
        if not purpose and may_save and request.method == "POST" and str(row.uid) in request.session.get(PURPOSES, {}):
            purpose = SAVED
        if not purpose:
            return self._purpose_page(request, row, PurposeForm())
        record_reading(actor=request.user, row=row, purpose=purpose)
        return None

    def _remembered(self, request: HttpRequest, row: Any) -> str:
        purpose, until = request.session.get(PURPOSES, {}).get(str(row.uid), ("", 0))
        return str(purpose) if until > timezone.now().timestamp() else ""

    def _remember(self, request: HttpRequest, row: Any, purpose: str) -> None:
        now = timezone.now()
        oldest = (now - KEPT_FOR).timestamp()
        kept = {uid: value for uid, value in request.session.get(PURPOSES, {}).items() if value[1] > oldest}
        request.session[PURPOSES] = kept | {str(row.uid): (purpose, (now + OPEN_FOR).timestamp())}

    def _purpose_page(self, request: HttpRequest, row: Any, form: PurposeForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "original": row,
            "form": form,
            "label": "查阅",
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        }
        return TemplateResponse(request, self.purpose_template, context, status=422 if form.is_bound else 200)
