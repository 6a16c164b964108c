"""Persons whom records are about, who they are in the portal, and the first of the four forms.

Nobody writes a record about himself or herself: that is a colleague's work.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import refuse_future, today
from chishang.core.guards import told_in_words
from chishang.core.text import clean_name
from discipline.models import Criticism, Namesake, Person, Petition, Sanction
from discipline.models.petitions import ASSIGN
from discipline.models.sealed import MASK, indexes_meaning, name_index
from discipline.services.corrections import take_over
from discipline.services.flags import refresh_flags
from organizations.models import Appointment, Organization, User

MANY = 20
"""Of more accounts of one name none is chosen."""
OWN_RECORD = "此人与您同名，可能就是您本人：请由其他纪检人员登记。确属同名不同人的，请他们在“涉及人员”中登记并核实。"


@dataclass(frozen=True)
class PersonFacts:
    """Who a record is about: name and unit find the person, ``remark`` tells people of one name apart."""

    name: str
    unit: str
    remark: str = ""
    organization: Organization | None = None


def require_place(actor: User, permission: str, organization: int | None) -> None:
    """Refuse a row of an organization (its key; None: of the town) where ``actor`` does not hold ``permission``.

    Raises PermissionDenied without the right anywhere, ValidationError at ``organization`` for another place.
    """
    scope = actor.scope_for(permission)
    if not scope:
        raise PermissionDenied
    if not scope.everything and organization not in scope.organization_ids:
        raise ValidationError({"organization": "这个党组织不归您管，请从列表里选择。"})


def find_or_make_person(*, actor: User, facts: PersonFacts) -> Person:
    """Return the person of that name and unit (and ``remark``), registering one who is not there yet.

    Raises ValidationError (by field) for one who is, or may be, the actor, or without a name or unit.
    """
    name = clean_name(facts.name)
    found = Person.objects.filter(name_index=name_index(name), unit=facts.unit.strip(), remark=facts.remark.strip())
    person: Person | None = found.first()
    if person is None:
        person = Person(unit=facts.unit.strip(), remark=facts.remark.strip(), organization=facts.organization)
        person.name = name
        return save_person(actor=actor, person=person)
    _refuse_self(actor, person)
    return person


def save_person(*, actor: User, person: Person) -> Person:
    """Store a new or changed person and return the row; index and account follow the name.

    The flags of the member before and of the member now are brought into line. Raises ValidationError (by field) for
    one who is, or may be, the actor, and for a place that is not the actor's.
    """
    verb = "change" if person.pk else "add"
    require_place(actor, f"discipline.{verb}_person", person.organization_id)
    person.name = _checked_name(person.name)
    person.name_index = name_index(person.name)
    _refuse_self(actor, person)
    if person.account_id is None:
        person.account = _only_account(person)
    _refuse_self(actor, person)
    with told_in_words():
        before = Person.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("member", flat=True)
        members = {*before, person.member_id}
        if len(members) > 1:
            _check_link(actor, person)
        person.full_clean()
        person.save()
        refresh_flags(members)
    return person


def confirm_namesake(*, actor: User, person: Person, user: User) -> Namesake:
    """Confirm that ``person`` is not the holder of the account ``user``, who has the same name; return the row.

    An account that was taken for the person's is no longer. Raises ValidationError at ``user`` for the actor's own
    account, and for one of another name.
    """
    require_place(actor, "discipline.add_namesake", person.organization_id)
    if user == actor:
        raise ValidationError({"user": "是否同名不同人，要由他人核实。"})
    if person.name_index not in indexes_meaning(user.name):
        raise ValidationError({"user": "这个账号与此人不同名，不用核实。"})
    namesake = Namesake(person=person, user=user, confirmed_by=actor)
    with told_in_words():
        namesake.full_clean()
        namesake.save()
        if person.account_id == user.pk:
            person.account = None
            person.save(update_fields=["account"])
    return namesake


def record_criticism(*, actor: User, criticism: Criticism) -> Criticism:
    """Store a new criticism and return it.

    Raises ValidationError (by field) for a day in the future, a petition that the actor may not see, and for one who
    is, or may be, the actor.
    """
    with told_in_words():
        _refuse_self(actor, criticism.person)
        _check_petition(actor, criticism)
        require_place(actor, "discipline.add_criticism", criticism.person.organization_id)
        _store(criticism)
    return criticism


def correct_criticism(*, actor: User, criticism: Criticism, changed: Collection[str]) -> Criticism:
    """Put right the columns and texts ``changed`` of a criticism and return it; what others did meanwhile stays.

    Raises as ``record_criticism``, and PermissionDenied where the actor may not change it.
    """
    with told_in_words():
        rows = Criticism.objects.visible_to(actor, "discipline.change_criticism")
        stored: Criticism | None = rows.select_for_update(no_key=True, of=("self",)).filter(pk=criticism.pk).first()
        if stored is None:
            raise PermissionDenied
        take_over(stored, criticism, changed)
        if "petition" in changed:
            _check_petition(actor, stored)
        _store(stored)
    return stored


def _store(criticism: Criticism) -> None:
    refuse_future(criticism, "occurred_on")
    criticism.full_clean()
    criticism.save()


def accounts_named_as(person: Person) -> list[User]:
    """Return the active accounts that bear the person's name, whole or as ledgers mask it, and may be this person."""
    users = User.objects.filter(is_active=True, name__startswith=person.name[:1])
    return [user for user in users if person.name_index in indexes_meaning(user.name)]


def _checked_name(text: str) -> str:
    name = clean_name(text)
    if not name:
        raise ValidationError({"name": "请填写姓名。"})
    if len(name) > Person.name.limit:
        raise ValidationError({"name": f"姓名最多 {Person.name.limit} 个字，请核对。"})
    return name


def _refuse_self(actor: User, person: Person) -> None:
    """Refuse to write about oneself, by account or by name; a name does not count once a colleague has cleared it."""
    cleared = Namesake.objects.filter(person=person.pk, user=actor).exists() if person.pk else False
    same_name = person.name_index in indexes_meaning(actor.name) and not cleared
    if person.account_id == actor.pk or same_name:
        raise ValidationError({"name": OWN_RECORD})


def _check_petition(actor: User, criticism: Criticism) -> None:
    petition = criticism.petition_id
    if petition and not Petition.objects.visible_to(actor).filter(pk=petition).exists():
        raise ValidationError({"petition": "请从列表里选择信访件。"})


def _check_link(actor: User, person: Person) -> None:
    """Refuse another member for one with a sanction that ``actor`` may not see: the flag would tell of it."""
    sanctions = Sanction.objects.filter(involvement__person=person.pk)
    hidden = sanctions.exclude(pk__in=Sanction.objects.visible_to(actor).values("pk"))
    if person.pk and hidden.exists() and not actor.has_perm(ASSIGN):
        raise ValidationError({"member": "请由纪委书记登记这个人对应的党员。"})


def _only_account(person: Person) -> User | None:
    """Return the one active account that can be this person; None where nobody or several can, or one was cleared.

    A masked name is nobody's. An account at the person's own branch is preferred to others of the same name.
    """
    if MASK in person.name:
        return None
    cleared = Namesake.objects.filter(person=person.pk).values("user") if person.pk else ()
    users = User.objects.filter(is_active=True, name=person.name).exclude(pk__in=cleared)
    found: list[Any] = list(users[:MANY])
    if 1 < len(found) < MANY:
        near = _at_the_same_place(person)
        found = [user for user in found if user.pk in near]
    return found[0] if len(found) == 1 else None


def _at_the_same_place(person: Person) -> set[int]:
    """Return the accounts that hold a duty today at the person's branch (of the member, or as registered)."""
    place = person.member.branch_id if person.member else person.organization_id
    held = Appointment.objects.in_force(today()) if place else Appointment.objects.none()
    rows = held.values_list("user", "organization", "village__branch")
    return {user for user, organization, village in rows if place in (organization, village)}
