"""Accounts, duties, appointments and API keys."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.decorators import display

from chishang.core.admin import RegisterAdmin, ScopedTabularInline
from organizations.admin.duties import DutyForm, permissions_in_words
from organizations.models import ApiKey, Appointment, Duty, User
from organizations.permissions import may_manage
from organizations.resources import AppointmentResource, UserResource
from organizations.services import check_appointment, issue_api_key, revoke_api_key, set_one_time_code

admin.site.unregister(Group)  # permissions are edited on the duty that carries them


class AppointmentForm(forms.ModelForm):
    """An appointment; nobody appoints himself, or to more than he may hand out."""

    actor: Any = None
    """Who fills it in."""

    def clean(self) -> dict[str, Any]:
        """Check the appointment as it stood and as it shall be; raise ValidationError at the field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        stored = Appointment.objects.select_related("user", "duty").filter(pk=self.instance.pk).first()
        if self.has_changed():
            if stored:
                check_appointment(actor=self.actor, user=stored.user, duty=stored.duty)
            if cleaned.get("user") and cleaned.get("duty"):
                check_appointment(actor=self.actor, user=cleaned["user"], duty=cleaned["duty"])
        return cleaned


class AppointmentInline(ScopedTabularInline):
    """What the person holds and held."""

    model = Appointment
    form = AppointmentForm
    fk_name = "user"
    autocomplete_fields = ["duty", "organization", "village", "area"]
    fields = ["duty", "organization", "village", "area", "started_on", "ended_on"]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Tell each form who fills it in."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.actor = request.user
        return formset


@admin.register(User)
class UserAdmin(RegisterAdmin):
    """Accounts. Rights come from appointments; a password is handed out as a one-time code."""

    resource_classes = [UserResource]
    list_display = ["name", "username", "phone", "is_active", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["name", "username", "phone", "pinyin"]
    fields = ["name", "username", "phone", "is_active", "last_login"]
    readonly_fields = ["last_login"]
    inlines = [AppointmentInline]
    change_form_outer_before_template = "admin/organizations/user_panel.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the one-time code."""
        give = self.admin_site.admin_view(require_POST(self.give_one_time_code))
        return [path("<int:pk>/one-time-code/", give, name="organizations_user_code"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the one-time code to those who may give it."""
        user = self.get_object(request, object_id)
        context = {
            **(extra_context or {}),
            "may_give_code": user is not None and self.has_change_permission(request, user),
        }
        return super().change_view(request, object_id, form_url, context)

    def give_one_time_code(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Set a new random password and show it this once."""
        user = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        code = set_one_time_code(actor=request.user, user=user)
        messages.warning(request, f"{user.name} 的新口令：{code}。只显示这一次，请抄下交给本人，登录后自行修改。")
        return redirect(reverse("admin:organizations_user_change", args=[pk]))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse accounts that may hand out more than one's own; otherwise one could sign in as the administrator."""
        if not super().has_change_permission(request, obj):
            return False
        user = User.objects.get(pk=obj) if obj is not None and not isinstance(obj, User) else obj
        return user is None or may_manage(request.user, user)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """A new account has no password until the office gives one."""
        if not obj.password:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Duty)
class DutyAdmin(RegisterAdmin):
    """Duties; changing one changes what all its holders may do, at their next request."""

    form = DutyForm
    list_display = ["name", "place_kind", "uses_admin", "idle_minutes"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "place_kind", "uses_admin", "idle_minutes", "sort_no", "permissions"]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Refuse: rights are not imported."""
        return False

    @display(description="权限")
    def permissions(self, duty: Any) -> str:
        """Return the permissions in words, for those who only look."""
        return permissions_in_words(duty)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001,FBT002  Django's
        """Tell the form who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the code by which the portal knows a duty."""
        return ["code"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Store the duty, its group and the group's permissions."""
        if obj.group_id is None:
            obj.group = Group.objects.create(name=obj.name)
        super().save_model(request, obj, form, change)
        if "permissions" in form.cleaned_data:
            # Permissions that the form does not offer stay as they are.
            offered = form.fields["permissions"].queryset
            kept = obj.group.permissions.exclude(pk__in=offered.values("pk"))
            obj.group.permissions.set([*kept, *form.cleaned_data["permissions"]])


@admin.register(Appointment)
class AppointmentAdmin(RegisterAdmin):
    """Who holds which duty where and when."""

    form = AppointmentForm
    resource_classes = [AppointmentResource]
    list_display = ["user", "duty", "place_name", "started_on", "ended_on"]
    list_filter = ["duty"]
    list_select_related = ["user", "duty", "organization", "village", "area"]
    search_fields = ["user__name", "user__pinyin", "organization__name", "village__name", "area__name"]
    autocomplete_fields = ["user", "duty", "organization", "village", "area"]
    date_hierarchy = "started_on"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001,FBT002  Django's
        """Tell the form who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        return form

    @display(description="任职单位")
    def place_name(self, appointment: Any) -> str:
        """Return the place."""
        return str(appointment.place)


class ApiKeyForm(forms.ModelForm):
    """A new key: for which account, what for, until when."""

    actor: Any = None
    """Who makes it, and will have read its text."""

    class Meta:
        model = ApiKey
        fields = ["user", "name", "expires_at"]

    def clean_user(self) -> User:
        """Refuse an account that may do what ``actor`` may not give: the key acts as its account."""
        user: User = self.cleaned_data["user"]
        if not may_manage(self.actor, user):
            raise forms.ValidationError("这个账号的权限超出您能管理的范围，请由系统管理员签发密钥。")
        return user


@admin.register(ApiKey)
class ApiKeyAdmin(RegisterAdmin):
    """API keys: made here, shown once, revoked here; never changed."""

    form = ApiKeyForm
    list_display = ["name", "prefix", "user", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__name"]
    autocomplete_fields = ["user"]
    change_form_outer_before_template = "admin/organizations/apikey_panel.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the revocation."""
        revoke = self.admin_site.admin_view(require_POST(self.revoke))
        return [path("<int:pk>/revoke/", revoke, name="organizations_apikey_revoke"), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Let nothing of a key be changed."""
        shown = ["user", "name", "prefix", "created_by", "created_at", "expires_at", "revoked_at", "last_used_at"]
        return shown if obj else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001,FBT002  Django's
        """Tell the form who makes the key."""
        form = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Show the whole key once it is there."""
        return self.get_readonly_fields(request, obj) or ["user", "name", "expires_at"]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Refuse: keys are not imported."""
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Refuse: keys are not exported."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's
        """Make the key through the service and show its text this once."""
        if change:
            return
        key, text = issue_api_key(actor=request.user, user=obj.user, name=obj.name, expires_at=obj.expires_at)
        obj.pk = key.pk
        messages.warning(request, f"新密钥：{text}。只显示这一次，请马上交给对方保存。")

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End the key at once."""
        key = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, key):
            raise PermissionDenied
        revoke_api_key(actor=request.user, key=key)
        messages.success(request, "密钥已吊销，立即失效。")
        return redirect(reverse("admin:organizations_apikey_change", args=[pk]))
