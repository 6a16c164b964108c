"""Import and export of the register of members: the sixteen items of the national form, in its order."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field

from chishang.core.dates import parse_partial_date
from chishang.core.encryption import DecryptionError
from chishang.core.id_numbers import LENGTH, parse_id_number
from chishang.core.resources import (
    LabelWidget,
    PartialDateField,
    SafeText,
    ScopedKey,
    ScopedResource,
    YesNo,
    guarded,
    plain,
)
from chishang.core.text import clean_name
from members.enums import EDUCATION_ALIASES, Education, MemberKind, Standing
from members.models import Member, MemberChange, Occupation, StatisticBand, Transfer
from members.models.id_numbers import SHOWN, id_number_index
from members.services import correct_member, register_member, take_id_numbers
from organizations.models import Organization

STAR = "*"
UNREADABLE = "（解不开，请与系统管理员联系）"
TITLES = {
    "name": "姓名",
    "sex": "性别",
    "ethnic_group": "民族",
    "id_number": "公民身份号码",
    "born_on": "出生日期",
    "education": "学历",
    "kind": "人员类别",
    "branch": "所在党支部",
    "joined_on": "加入党组织日期",
    "full_member_on": "转为正式党员日期",
    "occupation": "工作岗位",
    "phone": "联系电话",
    "address": "家庭住址",
    "standing": "党籍状态",
    "lost_since": "失联日期",
    "floating_to": "外出流向",
    "landline": "固定电话",
    "native_place": "籍贯",
    "party_age_from": "党龄起算日",
    "hardship_since": "困难党员",
    "remark": "备注",
}
"""The national form's items in its order, and five columns of our own."""
DERIVED = ("kind", "standing", "lost_since", "floating_to", "hardship_since")
"""Columns that come from changes: exported, and on import compared with the register."""
FLOATING = "外出流向与登记的不一致，请在党员页面办理“流出”或“流动返回”。"
HARDSHIP = "与登记的不一致，请在党员页面办理“列为困难党员”或“不再列为困难党员”。"
REQUIRED = ("name", "sex", "branch", "joined_on")


class BranchName(ScopedKey):
    """A branch, written by its name (its code is read, too)."""

    def __init__(self) -> None:
        super().__init__(Organization, "members.import_member")

    def columns(self) -> list[str]:
        """Return the columns that may name it."""
        return ["name", "code"]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the name, as the national form has it."""
        return guarded(value.name) if value else ""


class PersonName(SafeText):
    """A name, without the spaces that sheets put in to align names."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return the name."""
        return clean_name(super().clean(value, row, **kwargs))


class EducationLabel(LabelWidget):
    """Education, also under the names that offices use for it."""

    def __init__(self) -> None:
        super().__init__(Education.choices)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        """Return the code."""
        alias = EDUCATION_ALIASES.get(plain(value))
        return str(alias.value) if alias else super().clean(value, row, **kwargs)


def masked(member: Member) -> str:
    """Return the ID number for an export without the right to it: the first six digits and stars."""
    try:
        beginning = member.id_number_beginning
    except DecryptionError:
        return STAR * LENGTH
    return beginning and beginning + STAR * (LENGTH - SHOWN)


def _whole(member: Member) -> str:
    try:
        return member.read_id_number()
    except DecryptionError:
        return UNREADABLE


class MemberResource(ScopedResource):
    """Members by ID number, or by branch and name where there is none.

    Rows go through the services. What comes from changes is exported; on import it must agree with the register.
    """

    name = Field(column_name=TITLES["name"], attribute="name", widget=PersonName())
    id_number = Field(column_name=TITLES["id_number"], widget=SafeText())
    born_on = PartialDateField(attribute="born_on", precision="born_precision", column_name=TITLES["born_on"])
    education = Field(column_name=TITLES["education"], attribute="education", widget=EducationLabel())
    kind = Field(column_name=TITLES["kind"], attribute="kind", widget=LabelWidget(MemberKind.choices))
    branch = Field(column_name=TITLES["branch"], attribute="branch", widget=BranchName())
    joined_on = PartialDateField(attribute="joined_on", precision="joined_precision", column_name=TITLES["joined_on"])
    full_member_on = PartialDateField(
        attribute="full_member_on", precision="full_member_precision", column_name=TITLES["full_member_on"]
    )
    floating_to = Field(column_name=TITLES["floating_to"], widget=SafeText())
    hardship_since = Field(column_name=TITLES["hardship_since"], attribute="hardship_since", widget=YesNo())

    class Meta(ScopedResource.Meta):
        model = Member
        import_id_fields = ["branch", "name"]
        fields = list(TITLES)
        export_order = list(TITLES)

    def __init__(self, user: Any = None, export_form: Any = None, **kwargs: Any) -> None:
        super().__init__(user, **kwargs)
        for name, title in TITLES.items():
            self.fields[name].column_name = title
        self.form = export_form.cleaned_data if export_form else {}
        self.taken: set[int] = set()
        self.number = ""

    # Export

    def before_export(self, queryset: Any, **kwargs: Any) -> None:
        """Ask for the whole ID numbers where the form does; the journal keeps it before anything leaves."""
        if self.form.get("whole_numbers"):
            members = take_id_numbers(actor=self.user, members=queryset, reason=self.form.get("reason", ""))
            self.taken = set(members.order_by().values_list("pk", flat=True))

    def dehydrate_id_number(self, member: Member) -> str:
        """Return the number: whole for those that were asked for, else the beginning."""
        return _whole(member) if member.pk in self.taken else masked(member)

    def dehydrate_floating_to(self, member: Member) -> str:
        """Return where the member went; 是 when only that he went is known."""
        return guarded(member.floating_to) if member.floating_to else "是" if member.floating_since else ""

    # Import

    def get_import_fields(self, selected_fields: Any = None) -> list[Any]:
        """Take what the file itself says."""
        return [field for name, field in self.fields.items() if name not in {*DERIVED, "id_number"}]

    def get_user_visible_fields(self) -> list[Any]:
        """Return all columns for the pages that name them, in the form's order."""
        return [self.fields[name] for name in TITLES]

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Return the stored member of the row: by ID number, else by branch and name.

        Raises ValidationError for a number that is wrong or registered in another branch (which one is not told), and
        for a name that several members of the branch have.
        """
        branch = self.fields["branch"].clean(row)
        name = self.fields["name"].clean(row)
        if branch is None or not name:
            raise ValidationError(
                {key: "不能为空。" for key, value in (("branch", branch), ("name", name)) if not value}
            )
        self.number, beginning = _typed_number(row)
        namesakes = self.get_queryset().filter(branch=branch, name=name)
        if not self.number:
            return _only(namesakes, name, beginning)
        known = Member.objects.filter(id_number_index=id_number_index(self.number)).select_related("branch").first()
        if known is None:
            return _only(namesakes.filter(id_number_index__isnull=True), name, "")
        if known.branch_id != branch.pk:
            raise ValidationError({"id_number": "该号码已登记在另一个党支部；如是调动，请办理组织关系转接。"})
        return known

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Fill in from the row, and hold what it says of the standing against the register."""
        super().import_instance(instance, row, **kwargs)
        missing = {name: "不能为空。" for name in REQUIRED if not getattr(instance, name, None)}
        if missing:
            raise ValidationError(missing)
        wrong = _disagreements(instance, row)
        if wrong:
            raise ValidationError(wrong)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        """Take up a row that brings nothing but an ID number."""
        if self.number and original.id_number_index != id_number_index(self.number):
            return False
        return bool(super().skip_row(instance, original, row, import_validation_errors))

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Write through the services, which check and keep the course of changes."""
        if is_create:
            register_member(actor=self.user, member=instance, id_number=self.number)
        else:
            correct_member(actor=self.user, member=instance, id_number=self.number or None)


def _typed_number(row: Any) -> tuple[str, str]:
    """Return the whole number of a row, and the beginning of a masked one; raise ValidationError for a wrong one."""
    text = plain(row.get(TITLES["id_number"])).replace(" ", "")
    if STAR in text or not text:
        return "", text.partition(STAR)[0]
    try:
        return parse_id_number(text).text, ""
    except ValueError as error:
        raise ValidationError({"id_number": f"{error}。"}) from error


def _only(namesakes: Any, name: str, beginning: str) -> Member | None:
    """Return the one member of that name, none when there is none; a masked number must begin as his does."""
    found = list(namesakes.select_related("branch")[:2])
    if len(found) > 1:
        raise ValidationError({"name": f"该党支部有多位“{name}”，请填写完整的身份证号码。"})
    if beginning and (not found or not masked(found[0]).startswith(beginning)):
        raise ValidationError({"id_number": "号码不完整，又与登记的对不上，请填写完整的身份证号码。"})
    return found[0] if found else None


def _disagreements(member: Member, row: Any) -> dict[str, str]:
    """Return what the row says of the standing that the register does not, as column → what to do about it."""
    says = {
        "kind": (member.kind.label, "人员类别由转正日期得出，请核对转正日期，或办理“转为正式党员”。"),
        "standing": (Standing(member.standing).label, "党籍状态与登记的不一致，请在党员页面办理变动。"),
        "lost_since": (member.lost_since, "失联日期与登记的不一致，请在党员页面办理“失去联系”或“恢复联系”。"),
        "floating_to": (member.floating_to or ("是" if member.floating_since else ""), FLOATING),
        "hardship_since": ("是" if member.hardship_since else "否", HARDSHIP),
    }
    return {
        name: message
        for name, (registered, message) in says.items()
        if TITLES[name] in row and not _agrees(name, plain(row[TITLES[name]]), registered)
    }


def _agrees(name: str, text: str, registered: Any) -> bool:
    """Say whether a cell agrees with the register. Empty means no, but says nothing of kind and standing."""
    if name in {"kind", "standing"}:
        return not text or text == registered
    if name == "lost_since":
        if text in {"", "否"} or registered is None:
            return text in {"", "否"} and registered is None
        try:
            known = parse_partial_date(text).text
        except ValueError:
            return False
        return bool(registered.isoformat().startswith(known))
    if name == "hardship_since":
        return (text or "否") == registered
    return (text if text != "否" else "") == registered


class OccupationResource(ScopedResource):
    """Occupations by name."""

    class Meta(ScopedResource.Meta):
        model = Occupation
        import_id_fields = ["name"]
        fields = ["name", "code", "sort_no"]


class StatisticBandResource(ScopedResource):
    """Bands by kind and name."""

    class Meta(ScopedResource.Meta):
        model = StatisticBand
        import_id_fields = ["kind", "name"]
        fields = ["kind", "name", "age_from", "age_to", "joined_from", "joined_to", "sort_no"]


class MemberChangeResource(ScopedResource):
    """Changes, to be taken out; they come in by what happens, not by import."""

    class Meta(ScopedResource.Meta):
        model = MemberChange
        fields = [
            *("member", "kind", "from_standing", "to_standing", "branch", "other_branch", "occurred_on", "place"),
            *("document", "note", "void_reason"),
        ]


class TransferResource(ScopedResource):
    """Transfers, to be taken out."""

    class Meta(ScopedResource.Meta):
        model = Transfer
        fields = [
            *("member", "from_branch", "to_branch", "destination", "letter_no", "started_on", "valid_until"),
            *("dues_paid_to", "state", "ended_on", "note"),
        ]
