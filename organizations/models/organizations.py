"""The tree of Party organizations."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from chishang.core.dates import Precision
from chishang.core.history import tracked
from chishang.core.scoping import ScopedModel, ScopedQuerySet
from organizations.enums import BranchType, OrganizationKind


class OrganizationQuerySet(ScopedQuerySet):
    """Organizations."""

    def existing_on(self, day: date) -> Self:
        """Return those founded on or before ``day`` and not dissolved by then."""
        return self.filter(founded_on__lte=day).exclude(dissolved_on__lte=day)

    def branches(self) -> Self:
        """Return the branches."""
        return self.filter(kind=OrganizationKind.BRANCH)


@tracked()
class Organization(ScopedModel):
    """A committee or branch; what lies below it in the tree is in its care."""

    scope_path = "pk"

    code = models.CharField("编码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=100, unique=True)
    kind = models.CharField("类别", max_length=20, choices=OrganizationKind)
    branch_type = models.CharField("支部类型", max_length=20, choices=BranchType, blank=True)
    parent = models.ForeignKey(
        "self", verbose_name="上级党组织", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    founded_on = models.DateField("成立日期")
    founded_precision = models.CharField("成立日期精确到", max_length=5, choices=Precision, default=Precision.DAY)
    dissolved_on = models.DateField("撤销日期", null=True, blank=True)
    term_ends_on = models.DateField("本届届满日期", null=True, blank=True)
    secretary_name = models.CharField("登记书记", max_length=50, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    has_committee = models.BooleanField(
        "设支部委员会", null=True, blank=True, help_text="不填：正式党员满 7 人的党支部即有（支部工作条例第十五条）"
    )
    party_groups = models.PositiveSmallIntegerField("党小组数", default=0)
    sort_no = models.PositiveIntegerField("排序号", default=0)

    objects: ClassVar[Any] = models.Manager.from_queryset(OrganizationQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "党组织"
        ordering = ["sort_no", "code"]
        constraints = [
            models.CheckConstraint(
                name="organization_branch_type",
                condition=Q(kind=OrganizationKind.BRANCH, branch_type__in=BranchType.values)
                | (~Q(kind=OrganizationKind.BRANCH) & Q(branch_type="")),
                violation_error_message="党支部必须选择支部类型，其他党组织不填支部类型。",
            ),
            models.CheckConstraint(
                name="organization_dissolved_after_founded",
                condition=Q(dissolved_on__isnull=True) | Q(dissolved_on__gte=F("founded_on")),
                violation_error_message="撤销日期不能早于成立日期。",
            ),
            models.CheckConstraint(
                name="organization_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                violation_error_message="上级党组织不能是自己。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
