"""Import and export of the registers of places and appointments."""

from typing import Any

from django.core.exceptions import ValidationError

from chishang.core.dates import refuse_future
from chishang.core.resources import ScopedResource
from chishang.core.text import clean_name
from organizations.models import (
    Appointment,
    Area,
    AreaProject,
    CalendarDay,
    Directive,
    DirectiveReceipt,
    Election,
    ElectionForecast,
    ElectionTerm,
    Organization,
    TermRule,
    User,
    Village,
    VillageStatistic,
)
from organizations.permissions import may_manage
from organizations.services import check_appointment, check_directive, check_receipt, redate_receipts


class OrganizationResource(ScopedResource):
    """Party organizations by code; parents first."""

    class Meta(ScopedResource.Meta):
        model = Organization
        import_id_fields = ["code"]
        fields = [
            *("code", "name", "kind", "branch_type", "parent", "founded_on", "dissolved_on"),
            *("term_ends_on", "secretary_name", "phone", "has_committee", "party_groups", "sort_no"),
        ]

    def complete(self, instance: Any) -> None:
        """Let only those who look after the whole tree change it, or hang something outside their part of it."""
        scope = self.user.scope_for("organizations.import_organization")
        if scope.everything or (instance.pk and not _moved(instance)):
            return
        if instance.pk or instance.parent_id not in scope.organization_ids:
            raise ValidationError({"parent": "上级党组织不在您负责的范围内。"})


class AreaResource(ScopedResource):
    """Areas by name."""

    class Meta(ScopedResource.Meta):
        model = Area
        import_id_fields = ["name"]
        fields = ["name", "sort_no", "founded_on", "abolished_on"]


class AreaProjectResource(ScopedResource):
    """Projects by area and name."""

    class Meta(ScopedResource.Meta):
        model = AreaProject
        import_id_fields = ["area", "name"]
        fields = ["area", "name", "completed_on"]


class VillageResource(ScopedResource):
    """Villages by code."""

    class Meta(ScopedResource.Meta):
        model = Village
        import_id_fields = ["code"]
        fields = ["code", "name", "area", "branch", "on_poverty_list", "sort_no", "founded_on", "abolished_on"]


class VillageStatisticResource(ScopedResource):
    """Statistics by village and year."""

    class Meta(ScopedResource.Meta):
        model = VillageStatistic
        import_id_fields = ["village", "year"]
        fields = ["village", "year", "households", "population"]


class AppointmentResource(ScopedResource):
    """Appointments by person, duty, place and first day."""

    class Meta(ScopedResource.Meta):
        model = Appointment
        import_id_fields = ["user", "duty", "organization", "village", "area", "started_on"]
        fields = ["user", "duty", "organization", "village", "area", "title", "started_on", "ended_on"]

    def complete(self, instance: Any) -> None:
        """Hold an import to the rules of the form: only the rows that add or change something need the right."""
        stored = Appointment.objects.filter(pk=instance.pk).first() if instance.pk else None
        unchanged = stored and (stored.title, stored.ended_on) == (instance.title, instance.ended_on)
        if instance.user_id and instance.duty_id and not unchanged:
            check_appointment(actor=self.user, user=instance.user, duty=instance.duty)


class DirectiveResource(ScopedResource):
    """Documents by number. Whom they go to is chosen in the admin, or comes with the receipts."""

    class Meta(ScopedResource.Meta):
        model = Directive
        import_id_fields = ["number"]
        fields = ["number", "title", "issued_on"]

    def complete(self, instance: Any) -> None:
        """Refuse a date in the future, or after a branch has signed."""
        check_directive(instance)

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Carry a corrected date to the receipts."""
        redate_receipts(actor=self.user, directive=instance)


class DirectiveReceiptResource(ScopedResource):
    """Receipts by document and branch. One who signed in the portal stays the signer while the day stays."""

    class Meta(ScopedResource.Meta):
        model = DirectiveReceipt
        import_id_fields = ["directive", "organization"]
        fields = ["directive", "organization", "signed_on"]

    def complete(self, instance: Any) -> None:
        """Carry the document's date onto the receipt, where the constraint needs it."""
        if instance.directive_id:
            instance.issued_on = instance.directive.issued_on
        check_receipt(instance)


class TermRuleResource(ScopedResource):
    """Terms of office by body and first day."""

    class Meta(ScopedResource.Meta):
        model = TermRule
        import_id_fields = ["body", "valid_from"]
        fields = ["body", "years", "valid_from", "source"]


class ElectionTermResource(ScopedResource):
    """Rounds of elections by name."""

    class Meta(ScopedResource.Meta):
        model = ElectionTerm
        import_id_fields = ["name"]
        fields = ["name", "year"]


class ElectionResource(ScopedResource):
    """Elections by term, village and body."""

    class Meta(ScopedResource.Meta):
        model = Election
        import_id_fields = ["term", "village", "body"]
        fields = [
            *("term", "village", "body", "completed_on", "due", "present", "elected_name", "re_elected", "result"),
        ]

    def complete(self, instance: Any) -> None:
        """Refuse a date in the future."""
        refuse_future(instance, "completed_on")


class ElectionForecastResource(ScopedResource):
    """Pre-assessments by term and village. Confidential: with a permission of their own."""

    class Meta(ScopedResource.Meta):
        model = ElectionForecast
        import_id_fields = ["term", "village"]
        fields = ["term", "village", "assessed_on", "level", "risks", "measures"]

    def complete(self, instance: Any) -> None:
        """Refuse a date in the future."""
        refuse_future(instance, "assessed_on")


class CalendarDayResource(ScopedResource):
    """Holidays and make-up workdays by day: the State Council arranges them once a year, so a sheet a year."""

    class Meta(ScopedResource.Meta):
        model = CalendarDay
        import_id_fields = ["day"]
        fields = ["day", "is_workday", "note"]


class UserResource(ScopedResource):
    """Accounts by sign-in name. Passwords are neither exported nor imported."""

    class Meta(ScopedResource.Meta):
        model = User
        import_id_fields = ["username"]
        fields = ["username", "name", "phone", "is_active"]

    def complete(self, instance: Any) -> None:
        """A new account has no password until the office gives one."""
        if instance.pk and not may_manage(self.user, instance):
            raise ValidationError({"username": "这个账号由系统管理员管理，不能在这里改。"})
        instance.name = clean_name(instance.name)
        if not instance.password:
            instance.set_unusable_password()


def _moved(organization: Organization) -> bool:
    stored = Organization.objects.values_list("parent", flat=True).get(pk=organization.pk)
    return stored != organization.parent_id
