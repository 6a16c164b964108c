"""Registers in the admin: scoped rows, import and export, history."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.import_export.forms import ExportForm

from chishang.core.admin.filters import scoped
from chishang.core.admin.forms import SafeImportForm
from chishang.core.admin.history import history_of
from chishang.core.scoping import leads_to_scope


class ScopedMixin:
    """Passes rows and choices through the gate; no row is deleted."""

    model: Any

    def _permission(self, verb: str) -> str:
        meta = self.model._meta
        return f"{meta.app_label}.{verb}_{meta.model_name}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the account may see."""
        return super().get_queryset(request).visible_to(request.user, self._permission("view"))  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: rows end by a date, they are not deleted."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows that the account may see.

        Where the row's own place hangs on the choice (a household's village), offer only places where the account may
        write: one who holds two duties does not carry the rights of one to the place of the other.
        """
        related = db_field.remote_field.model
        if "queryset" not in kwargs and hasattr(related, "scope_path"):
            rows = related.objects.visible_to(request.user)
            if leads_to_scope(self.model, db_field.name):
                rows = rows.visible_to(request.user, self._permission(self._write_verb(request)))
            kwargs["queryset"] = rows
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def _write_verb(self, request: HttpRequest) -> str:
        match = request.resolver_match
        return "change" if match and match.kwargs.get("object_id") else "add"


class RegisterAdmin(ScopedMixin, ModelAdmin, ImportExportModelAdmin):
    """A register: list, form, history; import and export with the permissions ``import_…`` and ``export_…``."""

    import_form_class = SafeImportForm
    export_form_class = ExportForm
    import_formats = [XLSX, CSV]
    export_formats = [XLSX, CSV]
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    compressed_fields = True
    list_per_page = 50
    show_full_result_count = False
    object_history_template = "admin/row_history.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the account may see the row, or rows at all."""
        return self._may(request, "view", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the account may change the row, or rows at all."""
        return self._may(request, "change", obj)

    def _may(self, request: HttpRequest, verb: str, obj: Any) -> bool:
        permission = self._permission(verb)
        if obj is None:
            return bool(request.user.has_perm(permission))
        key = getattr(obj, "pk", obj)  # Unfold asks with the key alone
        return bool(self.model.objects.visible_to(request.user, permission).filter(pk=key).exists())

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show the form with one copy of the search boxes' script."""
        context["media"] = _one_select2(context["media"])
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list; a number in the address that no date or row can have is a bad request."""
        try:
            response: HttpResponse = super().changelist_view(request, extra_context)
        except OverflowError as error:
            raise BadRequest from error
        return response

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse lookups over relations that point here, unless a filter offers them.

        Django takes them from the address; they would tell which rows have one behind another gate.
        """
        first = lookup.partition("__")[0]
        fields = self.opts.get_fields(include_hidden=True)
        pointing = {one.name for one in fields if one.auto_created and not one.concrete}
        filters = (entry[0] if isinstance(entry, tuple | list) else entry for entry in self.get_list_filter(request))
        offered = {entry.partition("__")[0] for entry in filters if isinstance(entry, str)}
        return first not in pointing - offered and super().lookup_allowed(lookup, value, request)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Let related registers be filtered by visible rows only."""
        return [scoped(self.model, entry) for entry in super().get_list_filter(request)]

    def get_export_queryset(self, request: HttpRequest) -> Any:
        """Return those of the listed rows that the account may export."""
        return super().get_export_queryset(request).visible_to(request.user, self._permission("export"))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Import what was previewed; tell when it waited too long."""
        try:
            response: HttpResponse = super().process_import(request, **kwargs)
        except FileNotFoundError:
            messages.error(request, "这份文件已经过期，没有导入，请重新上传。")
            meta = self.model._meta
            return redirect(f"admin:{meta.app_label}_{meta.model_name}_import")
        return response

    def get_data_for_export(self, request: HttpRequest, queryset: Any, **kwargs: Any) -> Any:
        """Export the chosen sheet; of a register that hangs on this one, the rows below the listed ones."""
        model = self.choose_export_resource_class(kwargs.get("export_form"), request)._meta.model
        if model is not self.model:
            (name,) = [field.name for field in model._meta.fields if field.related_model is self.model]
            meta = model._meta
            rows = model.objects.visible_to(request.user, f"{meta.app_label}.export_{meta.model_name}")
            queryset = rows.filter(**{f"{name}__in": queryset.order_by().values("pk")})
        return super().get_data_for_export(request, queryset, **kwargs)

    def get_resource_kwargs(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Tell the resource who imports or exports."""
        return {**kwargs, "user": request.user}

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Answer a row of another body as one that does not exist."""
        raise Http404

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show every change of the row: when, by whom, from what to what."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"历史：{row}",
            "opts": self.opts,
            "original": row,
            "object": row,
            "changes": history_of(row, request.user),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)


def _one_select2(media: Any) -> Any:
    """Drop Unfold's copy of select2 where Django brings its own; with both, the search boxes speak English."""
    scripts = media._js  # noqa: SLF001  the merged list has no public name
    plain, small = (f"admin/js/vendor/select2/select2.full{middle}.js" for middle in ("", ".min"))
    if small in scripts and plain in scripts:
        return Media(css=media._css, js=[one for one in scripts if one != plain])  # noqa: SLF001  as above
    return media


class ScopedTabularInline(ScopedMixin, TabularInline):
    """Rows of a related register, through the gate."""

    extra = 0
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the account may add rows wherever it sees them."""
        return self._everywhere(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the account may change all rows that it sees here; if only some, they are shown only."""
        return self._everywhere(request, "change")

    def _everywhere(self, request: HttpRequest, verb: str) -> bool:
        user: Any = request.user
        seen = user.scope_for(self._permission("view"))
        return bool(seen) and (user.scope_for(self._permission(verb)) & seen) == seen

    def _write_verb(self, request: HttpRequest) -> str:
        return "change" if self.has_change_permission(request) else "add"
