"""Phones that are lost: given up by the office, so that the report no longer waits for what they held."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from chishang.core.guards import told_in_words
from organizations.models import User
from visits.models import Device
from visits.services.operations import DECIDE


def write_off_phone(*, actor: User, device: Device, reason: str) -> Device:
    """Note that what ``device`` held is not to be expected any more, and why; raise ValidationError.

    It counts again by itself when it makes contact.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明手机怎么了，例如：进水报废，记录已补填。"})
    with told_in_words():
        phones = Device.objects.visible_to(actor, DECIDE).select_for_update(of=("self",), no_key=True)
        locked: Device | None = phones.filter(pk=device.pk).first()
        if locked is None:
            raise ValidationError("您没有处理这部手机的权限。")
        if locked.is_written_off:
            raise ValidationError("这部手机已经定为不再计，不用再处理。")
        locked.written_off_at, locked.written_off_by = timezone.now(), actor
        locked.written_off_reason = reason.strip()
        locked.full_clean()
        locked.save(update_fields=["written_off_at", "written_off_by", "written_off_reason"])
    return locked
