"""Import and export of the reference lists of village money."""

from chishang.core.resources import ScopedResource
from finance.models import Account, DisclosureRule, IncomeKind, Subject


class AccountResource(ScopedResource):
    """The chart of accounts by code."""

    class Meta(ScopedResource.Meta):
        model = Account
        import_id_fields = ["code"]
        fields = ["code", "name", "category", "normal_side", "source"]


class SubjectResource(ScopedResource):
    """Subjects of the budget by code."""

    class Meta(ScopedResource.Meta):
        model = Subject
        import_id_fields = ["code"]
        fields = ["code", "name", "level", "debit_account", "credit_account", "sort_no", "is_active"]


class IncomeKindResource(ScopedResource):
    """Kinds of collective income by name."""

    class Meta(ScopedResource.Meta):
        model = IncomeKind
        import_id_fields = ["name"]
        fields = ["name", "account", "counts_as_income", "sort_no", "is_active"]


class DisclosureRuleResource(ScopedResource):
    """When statements are due, by the first day of the rule."""

    class Meta(ScopedResource.Meta):
        model = DisclosureRule
        import_id_fields = ["valid_from"]
        fields = ["valid_from", "due_days", "source"]
