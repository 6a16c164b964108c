"""What petitions, leads and feedback share: rows are locked and checked before they are stored; who handles them."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet

from chishang.core.guards import told_in_words
from discipline.models import Person
from discipline.models.petitions import ASSIGN
from discipline.services.people import require_place
from organizations.models import Appointment, User

IS_THE_PERSON = "承办人就是（或可能就是）被反映人，要回避，请选其他纪检人员。"


def right_on(row: Any, verb: str) -> str:
    """Return the permission ``verb`` on the register of ``row`` (a row or a model)."""
    return f"discipline.{verb}_{row._meta.model_name}"


def lock_row(actor: User, row: Any, permission: str = "") -> Any:
    """Lock and return ``row`` as it stands now; raise PermissionDenied unless ``actor`` may change it.

    ``permission`` asks for another right. To be called in a transaction.
    """
    rows = type(row).objects
    locked = rows.select_for_update(no_key=True).get(pk=row.pk)
    if not rows.visible_to(actor, permission or right_on(row, "change")).filter(pk=row.pk).exists():
        raise PermissionDenied
    return locked


def check_texts(row: Any) -> None:
    """Raise ValidationError at a sealed text that is missing or too long: no column checks what is encrypted."""
    for sealed in type(row).sealed_texts():
        text = getattr(row, sealed.name)
        if sealed.required and not text.strip():
            raise ValidationError({sealed.name: f"请填写{sealed.label}。"})
        if len(text) > sealed.limit:
            raise ValidationError({sealed.name: f"{sealed.label}最多 {sealed.limit} 个字，请写短些。"})


def check_order(row: Any, *names: str) -> None:
    """Raise ValidationError at a date of ``row`` that is before one named earlier; missing ones do not count."""
    before: tuple[str, date] | None = None
    for name in names:
        day = getattr(row, name)
        if day is None:
            continue
        label = row._meta.get_field(name).verbose_name
        if before and day < before[1]:
            raise ValidationError({name: f"{label}不能早于{before[0]}（{before[1]:%Y-%m-%d}）。"})
        before = (label, day)


def officers(model: Any) -> QuerySet[User]:
    """Return the active accounts that hold a discipline duty today: one with the right to change the register."""
    right = "duty__group__permissions__"
    held = Appointment.objects.in_force().filter(
        **{f"{right}content_type__app_label": "discipline", f"{right}codename": f"change_{model._meta.model_name}"}
    )
    rows: QuerySet[User] = User.objects.filter(is_active=True, pk__in=held.order_by().values("user"))
    return rows.order_by("pinyin", "pk")


def handlers_for(row: Any) -> QuerySet[User]:
    """Return who may be given ``row``: the officers, but for the one whom it is about."""
    found = officers(type(row))
    person = row.person
    if person is None:
        return found
    return found.exclude(pk__in=[user.pk for user in found if _is_about(row, user)])


def assign_handler(*, actor: User, row: Any, handler: User | None, handler_only: bool = False) -> Any:
    """Give a petition or lead into somebody's hands, or back into nobody's, and return it.

    Only with ``discipline.assign_case`` (PermissionDenied). The handler must hold a discipline duty today and not be
    the person reflected; a row closed to others needs a handler. Raises ValidationError (by field).
    """
    with told_in_words():
        locked = lock_row(actor, row, ASSIGN)
        locked.handler, locked.handler_only = handler, handler_only
        check_handler(actor, locked)
        locked.full_clean()
        locked.save()
    return locked


def check_handler(actor: User, row: Any) -> None:
    """Refuse a handler whom ``actor`` may not name or who may not have the row, and a closed row without one.

    Raises PermissionDenied without the right to hand out, ValidationError at ``handler`` or ``handler_only``.
    """
    if not actor.has_perm(ASSIGN):
        raise PermissionDenied
    if row.handler is None:
        if row.handler_only:
            raise ValidationError({"handler_only": "“仅承办人可见”的，请先选定承办人，否则谁也看不到。"})
        return
    scope = row.handler.scope_for(right_on(row, "change"))
    if not scope:
        raise ValidationError({"handler": f"{row.handler.name}今天不担任纪检职务，请选纪检人员。"})
    if not scope.everything and row.organization_id not in scope.organization_ids:
        raise ValidationError({"handler": f"所涉党组织不归{row.handler.name}管，请选其他纪检人员。"})
    if _is_about(row, row.handler):
        raise ValidationError({"handler": IS_THE_PERSON})


def check_person(actor: User, row: Any) -> None:
    """Refuse a person whom ``actor`` may not see, and one who is the handler; ValidationError at ``person``."""
    if row.person_id is None:
        return
    if not Person.objects.visible_to(actor).filter(pk=row.person_id).exists():
        raise ValidationError({"person": "请填写您能查看的被反映人；与您同名的，请由其他纪检人员登记。"})
    if row.handler is not None and _is_about(row, row.handler):
        raise ValidationError({"person": "被反映人就是（或可能就是）现在的承办人，请先改派承办人。"})


def _is_about(row: Any, user: User) -> bool:
    return row.person_id is not None and Person.objects.meaning(user).filter(pk=row.person_id).exists()


def check_place(actor: User, row: Any, verb: str) -> None:
    """Refuse a place where ``actor`` does not hold the right; as ``require_place``."""
    require_place(actor, right_on(row, verb), row.organization_id)
