"""Phones and their photos: one sending serves all records, the roll-call asks for what is lacking."""

import hashlib
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from PIL import ExifTags, Image

from chishang.core.dates import today
from organizations.enums import DutyCode
from tests.factories import Town, appoint
from visits.enums import Source
from visits.models import Device, Operation, Photo
from visits.services import (
    PhoneReport,
    SentOperation,
    VisitDraft,
    call_the_roll,
    note_phone,
    phone_of,
    receive_operation,
    record_visit,
    store_photo,
)
from visits.services.drafts import digest_of

SECRETARY, FIRST_SECRETARY = DutyCode.BRANCH_SECRETARY, DutyCode.FIRST_SECRETARY


def picture(color: str) -> tuple[bytes, str]:
    """A small photo, and its name."""
    file = BytesIO()
    Image.new("RGB", (40, 30), color).save(file, "JPEG")
    return file.getvalue(), hashlib.sha256(file.getvalue()).hexdigest()


def sent(town: Town, *photos: str, op_id: UUID | None = None, **changed: Any) -> SentOperation:
    draft = VisitDraft(town.own_household.pk, today(), content=f"第 {uuid4()} 次", photos=list(photos))
    return SentOperation(op_id or uuid4(), "visit", draft.as_payload(), draft.sha256, **changed)


def test_one_sending_serves_every_record_that_names_the_photo(town: Town) -> None:
    user, (content, name) = town.people[SECRETARY], picture("green")
    for _ in range(2):
        receive_operation(user=user, sent=sent(town, name))
    receive_operation(user=town.people[FIRST_SECRETARY], sent=sent(town, name))
    assert store_photo(user=user, sha256=name, content=content)
    assert not store_photo(user=user, sha256=name, content=content)
    assert list(Photo.objects.values_list("operation__user", "sha256")) == [(user.pk, name)] * 2
    receive_operation(user=user, sent=sent(town, name))
    assert store_photo(user=user, sha256=name, content=content), "a later record gets it, too"
    assert Photo.objects.count() == 3


def test_roll_call_asks_for_the_photos_that_are_not_here(town: Town) -> None:
    user, (content, name), (_, other) = town.people[SECRETARY], picture("green"), picture("blue")
    first, strange = sent(town, name, other), sent(town)
    nonsense = {**strange.payload, "photos": {"x": 1}}
    second = SentOperation(uuid4(), "visit", nonsense, digest_of(nonsense))
    for one in (first, second):
        receive_operation(user=user, sent=one)
    ops = [(one.op_id, one.sha256) for one in (first, second)]
    assert call_the_roll(user, ops).photos == sorted([name, other])
    store_photo(user=user, sha256=name, content=content)
    called = call_the_roll(user, ops)
    assert (called.photos, called.known, called.held) == ([other], [first.op_id], [second.op_id])
    assert call_the_roll(town.people[FIRST_SECRETARY], ops).photos == []


def test_a_phone_goes_along_with_its_user(town: Town) -> None:
    user, report = town.people[SECRETARY], PhoneReport(uuid4(), waiting=1)
    note_phone(user, report)
    assert Device.objects.get().organization == town.own.branch
    user.appointments.all().delete()
    appoint(user, SECRETARY, town.foreign.branch)
    note_phone(user, report)
    assert Device.objects.get().organization == town.foreign.branch


def test_a_phone_of_somebody_appointed_to_a_village_belongs_to_its_branch(town: Town) -> None:
    user = town.people[FIRST_SECRETARY]
    assert user.appointments.get().organization is None
    note_phone(user, PhoneReport(uuid4(), waiting=1))
    assert Device.objects.get().organization == town.own.branch
    for payload in ({}, {"household_id": True}):
        one = SentOperation(uuid4(), "visit", payload, digest_of(payload))
        assert receive_operation(user=user, sent=one)[0].organization == town.own.branch


def test_a_record_of_the_page_learns_its_phone_when_the_phone_sends_it_again(town: Town) -> None:
    user = town.people[SECRETARY]
    draft = VisitDraft(town.own_household.pk, today(), content="问了收成")
    op_id, phone = uuid4(), phone_of(user, uuid4())
    record_visit(actor=user, op_id=op_id, draft=draft, source=Source.PAGE)
    again = SentOperation(op_id, "visit", draft.as_payload(), draft.sha256, device=phone)
    assert receive_operation(user=user, sent=again)[1]
    assert Operation.objects.get().device == phone
    other = phone_of(user, uuid4())
    receive_operation(user=user, sent=SentOperation(op_id, "visit", again.payload, again.sha256, device=other))
    assert Operation.objects.get().device == phone, "the first one stays"


def test_an_operation_is_called_by_who_sent_what(town: Town) -> None:
    user = town.people[SECRETARY]
    receive_operation(user=user, sent=sent(town))
    assert str(Operation.objects.get()) == f"{user}上报的走访"


def test_a_picture_with_broken_camera_data_is_kept_upright_and_without_them(town: Town) -> None:
    exif, file = Image.Exif(), BytesIO()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = 6, "SomePhone"
    Image.new("RGB", (40, 30), "green").save(file, "JPEG", exif=exif, comment=b"SomePlace")
    content = bytearray(file.getvalue())
    content[content.index(b"Exif") + 17] = 0  # the type of the first entry: there is no such one
    name = hashlib.sha256(content).hexdigest()
    receive_operation(user=town.people[SECRETARY], sent=sent(town, name))
    assert store_photo(user=town.people[SECRETARY], sha256=name, content=bytes(content))
    stored = bytes(Photo.objects.get().content)
    assert b"SomeP" not in stored
    with Image.open(BytesIO(stored)) as picture:
        assert picture.size == (30, 40)
