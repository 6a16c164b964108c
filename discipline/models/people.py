"""The persons whom records of this office are about, and the first of the four forms: criticism and education."""

from datetime import date
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from chishang.core.guards import written_once
from chishang.core.history import tracked
from discipline.enums import CriticismForm
from discipline.models.confidential import ConfidentialModel, ConfidentialQuerySet
from discipline.models.prevention import place
from discipline.models.sealed import SealedModel, SealedText, cipher, indexes_meaning, masked
from members.models import Member
from organizations.models import User


class PersonQuerySet(ConfidentialQuerySet):
    """Persons."""

    def meaning(self, user: User) -> Self:
        """Return the rows that are, or may be, ``user``: by account, by member's name, or by a name, whole or masked.

        A name alone does not count once a colleague has confirmed that it is another person's.
        """
        cleared = Namesake.objects.filter(person=OuterRef("pk"), user=user)
        named = Q(name_index__in=indexes_meaning(user.name)) | Q(member__name=user.name)
        return self.filter(Q(account=user) | (named & ~Exists(cleared)))

    def sanctioned_by(self, day: date) -> Self:
        """Return those on whom a sanction was decided on or before ``day``; each once, whatever the number."""
        sanctioned = Person.objects.filter(involvements__sanction__decided_on__lte=day)
        return self.filter(pk__in=sanctioned.order_by().values("pk"))

    def criticised_by(self, day: date) -> Self:
        """Return those criticised on or before ``day``; each once, however often."""
        criticised = Person.objects.filter(criticisms__occurred_on__lte=day)
        return self.filter(pk__in=criticised.order_by().values("pk"))


@tracked()
class Person(SealedModel, ConfidentialModel):
    """A person whom records are about. The name is encrypted; ``name_index`` finds it."""

    scope_path = "organization"

    name_cipher = cipher("姓名")
    name = SealedText("姓名", limit=50, required=True)
    name_index = models.CharField("姓名索引", max_length=64, editable=False)
    unit = models.CharField("单位", max_length=100, help_text="所在党支部、村或站所")
    remark = models.CharField(
        "区分", max_length=50, blank=True, help_text="同一单位有同名的人时填写，如出生年份，以便区分"
    )
    organization = place()
    member = models.ForeignKey(
        Member, verbose_name="党员", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    account = models.ForeignKey(
        User,
        verbose_name="门户账号",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="本人有门户账号的必须选，本人即看不到关于自己的记录",
    )

    objects: ClassVar[Any] = models.Manager.from_queryset(PersonQuerySet)()

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "涉及人员"
        ordering = ["unit", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="person_unique",
                fields=["name_index", "unit", "remark"],
                violation_error_message="该单位已登记同名的人；若不是同一人，请在“区分”中写明。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.masked_name}（{self.unit}）"

    @property
    def masked_name(self) -> str:
        """The name as lists show it."""
        return masked(self.name)

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Return those of records that ``user`` may see, and those without any; never the one who asks.

        A person without a record that one may see is a record that one may not see.
        """
        seen, known = Q(), Q(pk__in=[])
        for name, path in RECORDS.items():
            model = apps.get_model("discipline", name)
            seen |= Q(pk__in=model.objects.visible_to(user).order_by().values(path))
            known |= Q(Exists(model.objects.filter(**{path: OuterRef("pk")})))
        return rows.filter(seen | ~known).exclude(pk__in=cls.objects.meaning(user).values("pk"))


RECORDS = {"Involvement": "person", "Petition": "person", "Lead": "person", "Criticism": "person"}
"""The models that are about persons, and their column for it."""


def not_about(rows: Any, user: Any, path: str = "person") -> Any:
    """Return those of ``rows`` whose person (``path``) is not ``user``, and rows without a person."""
    return rows.exclude(**{f"{path}__in": Person.objects.meaning(user).values("pk")})


class Namesake(ConfidentialModel):
    """A colleague confirms that a person of the same name is not the holder of an account. Written once."""

    scope_path = "person__organization"

    person = models.ForeignKey(Person, verbose_name="涉及人员", on_delete=models.PROTECT, related_name="namesakes")
    user = models.ForeignKey(User, verbose_name="同名账号", on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(User, verbose_name="核实人", on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField("核实时间", default=timezone.now, editable=False)

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "同名核实"
        ordering = ["-confirmed_at"]
        triggers = written_once("namesake", "同名核实登记后不能更改。")
        constraints = [
            models.UniqueConstraint(
                name="namesake_once", fields=["person", "user"], violation_error_message="这个账号已经核实过。"
            ),
            models.CheckConstraint(
                name="namesake_by_another",
                condition=~Q(confirmed_by=models.F("user")),
                violation_error_message="是否同名不同人，要由他人核实。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}：不是{self.user}"

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Leave out rows about the one who asks."""
        return not_about(rows, user)


@tracked()
class Criticism(SealedModel, ConfidentialModel):
    """A person was criticised and educated (批评教育, 第一种形态)."""

    scope_path = "person__organization"

    person = models.ForeignKey(Person, verbose_name="姓名", on_delete=models.PROTECT, related_name="criticisms")
    occurred_on = models.DateField("日期")
    form = models.CharField("形式", max_length=20, choices=CriticismForm)
    reason_cipher = cipher("事由")
    reason = SealedText("事由", limit=300, required=True)
    petition = models.ForeignKey(
        "discipline.Petition",
        verbose_name="信访件",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="criticisms",
        help_text="因信访件而批评教育的才选",
    )

    class Meta(ConfidentialModel.Meta):
        verbose_name = verbose_name_plural = "批评教育"
        ordering = ["-occurred_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="criticism_unique",
                fields=["person", "occurred_on", "form"],
                violation_error_message="此人这一天同一形式的批评教育已经登记。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_form_display()} {self.occurred_on}"

    @classmethod
    def narrowed(cls, rows: Any, user: Any) -> Any:
        """Leave out rows about the one who asks."""
        return not_about(rows, user)
