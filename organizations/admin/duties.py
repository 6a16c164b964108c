"""The form of a duty: its permissions as a table, a line a register, a tick an action."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.html import format_html_join

from organizations.models import Duty, User
from organizations.permissions import is_confidential

OWN_APPS = ("organizations", "members", "visits", "finance", "discipline")
VERB_LABELS = {"view": "查看", "add": "新增", "change": "修改", "import": "导入", "export": "导出"}


def offered_permissions() -> QuerySet[Permission]:
    """Return the permissions that a duty may carry: those on registers, without deletion and history tables."""
    own = Permission.objects.filter(content_type__app_label__in=OWN_APPS)
    own = own.exclude(content_type__model__endswith="history").exclude(codename__startswith="delete_")
    return own.select_related("content_type").order_by("content_type__app_label", "content_type__model", "pk")


def permissions_to_give(actor: User) -> QuerySet[Permission]:
    """Return those of them that ``actor`` may give a duty: of confidential registers only what he holds himself."""
    held = [name.partition(".") for name in actor.access().permissions if is_confidential(name)]
    secret = Q(content_type__app_label__in=settings.CONFIDENTIAL_APPS)
    own = Q(pk__in=[])
    for app_label, _, codename in held:
        own |= Q(content_type__app_label=app_label, codename=codename)
    return offered_permissions().filter(~secret | own)


def label_of(permission: Permission) -> str:
    """Return the action in Chinese: 查看, or the name of a permission that is not one of the usual five."""
    return VERB_LABELS.get(permission.codename.partition("_")[0], permission.name)


def by_register(permissions: Any) -> dict[str, list[Permission]]:
    """Return permissions by the Chinese name of their register, the usual actions first and in their order."""
    order = list(VERB_LABELS.values())
    found: dict[str, list[Permission]] = {}
    for permission in permissions:
        found.setdefault(permission.content_type.name, []).append(permission)
    for several in found.values():
        several.sort(key=lambda one: order.index(label_of(one)) if label_of(one) in order else len(order))
    return found


def permissions_in_words(duty: Duty) -> str:
    """Return what holders of the duty may do: a line for each register."""
    held = offered_permissions().filter(group=duty.group_id)
    lines = ((name, "、".join(map(label_of, some))) for name, some in by_register(held).items())
    return format_html_join("", "<div>{}：{}</div>", lines)


class PermissionTable(forms.CheckboxSelectMultiple):
    """Ticks in a table; a list to be selected with Ctrl held down loses everything by one wrong click."""

    template_name = "admin/organizations/permission_table.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the lines of the table."""
        context = super().get_context(name, value, attrs)
        options = [option for _, some, _ in context["widget"]["optgroups"] for option in some]
        ticks = {option["value"].instance: option for option in options}
        context["lines"] = [
            (register, [{**ticks[one], "label": label_of(one)} for one in some])
            for register, some in by_register(ticks).items()
        ]
        return context

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> str:
        """Render with the project's templates; the forms' own renderer does not look there."""
        return render_to_string(template_name, context)


class DutyForm(forms.ModelForm):
    """A duty together with the permissions of its group; what is not offered stays as it is."""

    actor: Any = None
    """Who fills it in."""

    permissions = forms.ModelMultipleChoiceField(
        label="权限",
        required=False,
        queryset=Permission.objects.none(),
        widget=PermissionTable,
        help_text="担任这一职务的人，在任职单位范围内可以做的事。改动在下一次操作时生效。",
    )

    class Meta:
        model = Duty
        fields = ["name", "code", "place_kind", "uses_admin", "idle_minutes", "sort_no"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "permissions" in self.fields:
            field = self.fields["permissions"]
            field.queryset = permissions_to_give(self.actor)
            if self.instance.pk:
                field.initial = self.instance.group.permissions.all()
