"""Accounts of people and of machine clients."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from chishang.core.history import tracked
from chishang.core.scoping import Scope, ScopedModel, ScopedQuerySet
from chishang.core.text import pinyin_key

PHONE = RegexValidator(r"^1\d{10}$", "手机号应为以 1 开头的 11 位数字。")


class UserManager(BaseUserManager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]  # made by the call
    """Makes accounts."""

    def create_user(self, username: str, *, name: str, password: str | None = None, **fields: Any) -> "User":
        """Store an account; without a password it cannot sign in until the office sets one."""
        user = self.model(username=self.model.normalize_username(username), name=name, **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Store an account with every right, for the first set-up."""
        return self.create_user(
            username, name=fields.pop("name", username), password=password, is_superuser=True, **fields
        )


@tracked(exclude=("password", "last_login"))
class User(AbstractBaseUser, PermissionsMixin, ScopedModel):
    """A person, or a machine client, who may sign in. Rights come from appointments, never from the account."""

    scope_path = (
        "appointments__organization",
        "appointments__village__branch",
        "appointments__area__villages__branch",
    )
    scope_is_many = True
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    username = models.CharField(
        "登录名",
        max_length=50,
        unique=True,
        help_text="通常是本人手机号",
        error_messages={"unique": "该登录名已被使用。"},
    )
    name = models.CharField("姓名", max_length=50)
    phone = models.CharField("手机号", max_length=11, blank=True, validators=[PHONE])
    pinyin = models.CharField("拼音", max_length=200, editable=False, blank=True)
    is_active = models.BooleanField("启用", default=True, help_text="停用后立即不能登录")
    is_demo = models.BooleanField("演示账号", default=False, editable=False)
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)

    objects: ClassVar[Any] = UserManager()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "账号"
        ordering = ["pinyin", "username"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search key in step with the name."""
        self.pinyin = pinyin_key(self.name)
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """Return the name, as Django's templates ask for it."""
        return self.name

    def get_short_name(self) -> str:
        """Return the name."""
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether a duty held today works in the admin."""
        return self.is_superuser or self.access().uses_admin

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Say whether the account holds the permission; being superuser does not give confidential ones."""
        from organizations.permissions import is_confidential  # noqa: PLC0415  permissions read the models

        if is_confidential(perm):
            return self.is_active and obj is None and perm in self.access().permissions
        return super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        """Say whether the account holds any permission of the app."""
        return any(perm.partition(".")[0] == app_label for perm in self.get_all_permissions())

    def scope_for(self, permission: str) -> Scope:
        """Return where this account holds ``permission`` (``app_label.codename``) today."""
        return self.access().scope_for(permission) if self.is_active else Scope()

    def access(self) -> Any:
        """Return the access that today's appointments give, read once for each loaded account."""
        from organizations.permissions import access_of  # noqa: PLC0415  permissions read the models

        if not hasattr(self, "_access_today"):
            self._access_today = access_of(self)
        return self._access_today


@tracked(exclude=("secret_hash", "last_used_at"))
class ApiKey(ScopedModel):
    """A key of a machine client. It acts as its account, so the account's appointments give its scope."""

    scope_path = ("user__appointments__organization",)
    scope_is_many = True

    user = models.ForeignKey(User, verbose_name="账号", on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField("用途", max_length=100)
    prefix = models.CharField("标识", max_length=12, unique=True, editable=False)
    secret_hash = models.CharField("密钥摘要", max_length=64, editable=False)
    created_by = models.ForeignKey(
        User, verbose_name="签发人", on_delete=models.PROTECT, null=True, editable=False, related_name="issued_keys"
    )
    created_at = models.DateTimeField("签发时间", default=timezone.now, editable=False)
    expires_at = models.DateTimeField("失效时间")
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField("最近使用", null=True, editable=False)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "接口密钥"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="apikey_expires_after_creation",
                condition=Q(expires_at__gt=F("created_at")),
                violation_error_message="失效时间必须晚于签发时间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"
