"""Forms of the sign-in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm


class SignInForm(AuthenticationForm):
    """Name and password. Its error is the same whether or not the account exists, or may sign in at all."""

    error_messages = {
        "invalid_login": "登录名或密码不对。请再输一次；忘了密码请打镇党建办电话，当场可以重设。",
        "inactive": "登录名或密码不对。请再输一次；忘了密码请打镇党建办电话，当场可以重设。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["username"], self.fields["password"]
        name.label, name.error_messages["required"] = "登录名（手机号）", "请填写登录名。"
        password.error_messages["required"] = "请填写密码。"
        name.widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        password.widget.attrs |= {"autocomplete": "current-password"}


class NewPasswordForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"old_password": "现在的密码", "new_password1": "新密码", "new_password2": "再输一次新密码"}
        for name, label in labels.items():
            field: forms.Field = self.fields[name]
            field.label, field.error_messages["required"] = label, f"请填写{label}。"
        self.fields["new_password1"].help_text = "至少 10 个字符，不能全是数字，不要用姓名和手机号。"
        self.fields["new_password2"].help_text = ""
