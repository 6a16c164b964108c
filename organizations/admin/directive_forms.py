"""Forms of documents: what they are, and whom they go to."""

from typing import Any

from django import forms
from django.template.loader import render_to_string
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from chishang.core.dates import today
from organizations.enums import BranchType
from organizations.models import Directive, DirectiveReceipt, Organization, User
from organizations.services import check_directive, check_receipt

ISSUE = "organizations.add_directivereceipt"


def branches_to_send(user: User, directive: Directive | None = None) -> Any:
    """Return the branches in existence to which ``user`` may send documents, and that lack ``directive``."""
    branches = Organization.objects.visible_to(user).visible_to(user, ISSUE).branches().existing_on(today())
    if directive is not None:
        branches = branches.exclude(pk__in=directive.receipts.values("organization"))
    return branches.order_by("sort_no", "code")


class RecipientList(forms.CheckboxSelectMultiple):
    """Branches to tick, by type; each type folds."""

    template_name = "admin/organizations/recipients.html"

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> str:
        """Render with the project's templates; the forms' own renderer does not look there."""
        return render_to_string(template_name, context)


class RecipientForm(forms.Form):
    """Whom a document goes to: all branches are ticked; types narrow them in one click."""

    only_types = forms.MultipleChoiceField(
        label="只发给这些类型",
        required=False,
        choices=BranchType.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="不勾选：发给下面勾选的全部党支部。勾选后：只发给其中这些类型的。",
    )
    recipients = forms.TypedMultipleChoiceField(
        label="接收党支部",
        coerce=int,
        widget=RecipientList(),
        error_messages={"required": "请至少勾选一个接收党支部。"},
    )

    actor: Any = None
    """Who sends it."""
    directive: Directive | None = None
    """The document, when it was issued before and goes to those that lack it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "recipients" in self.fields:
            self.offered = {branch.pk: branch for branch in branches_to_send(self.actor, self.directive)}
            field: Any = self.fields["recipients"]
            field.choices = _by_type(self.offered.values())
            field.initial = list(self.offered)

    def clean(self) -> dict[str, Any]:
        """Check that somebody remains after narrowing; raise ValidationError at the types."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("recipients") and not self.chosen:
            self.add_error("only_types", "勾选的党支部里没有这些类型的，请重新选择。")
        return cleaned

    @property
    def chosen(self) -> list[Organization]:
        """The branches it goes to."""
        types = self.cleaned_data.get("only_types")
        ticked = [self.offered[key] for key in self.cleaned_data.get("recipients", [])]
        return [branch for branch in ticked if not types or branch.branch_type in types]


def _by_type(branches: Any) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the choices of a grouped list, in the order of the types."""
    groups: dict[str, list[tuple[int, str]]] = {kind.label: [] for kind in BranchType}
    for branch in branches:
        groups[branch.get_branch_type_display()].append((branch.pk, branch.name))
    return [(f"{label}（{len(found)}）", found) for label, found in groups.items() if found]


class DirectiveForm(forms.ModelForm):
    """A document; its date is not in the future, nor after somebody has signed for it."""

    class Meta:
        model = Directive
        fields = ["number", "title", "issued_on"]

    def _post_clean(self) -> None:
        """Check the document as it shall be, once the form has filled it in."""
        super()._post_clean()  # type: ignore[misc]  # Django's
        if not self.errors:
            try:
                check_directive(self.instance)
            except forms.ValidationError as error:
                self.add_error(None, error)


class NewDirectiveForm(RecipientForm, DirectiveForm):
    """A new document, and whom it goes to."""


class ReceiptForm(forms.ModelForm):
    """The day on which a branch signed, put right by the office."""

    class Meta:
        model = DirectiveReceipt
        fields = ["signed_on"]

    def _post_clean(self) -> None:
        """Check the day against the document's."""
        super()._post_clean()  # type: ignore[misc]  # Django's
        if not self.errors:
            try:
                check_receipt(self.instance)
            except forms.ValidationError as error:
                self.add_error(None, error)
