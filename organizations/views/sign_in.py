"""Sign-in, sign-out and change of one's password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from organizations.forms import NewPasswordForm, SignInForm
from organizations.models import User
from organizations.selectors import idle_time_of


class SignedInRequest(HttpRequest):
    """A request behind the sign-in: the middleware guarantees an account."""

    user: User


class SignIn(auth_views.LoginView):
    """The sign-in page. Each request moves the end of the session on; how far, the duties say."""

    form_class = SignInForm

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]  # it is our form
        """Start the session, and let it end after the idle time of the strictest duty."""
        response = super().form_valid(form)
        user = form.get_user()
        if isinstance(user, User):
            self.request.session.set_expiry(int(idle_time_of(user).total_seconds()))
        return response


@method_decorator(login_not_required, name="dispatch")
class SignOut(auth_views.LogoutView):
    """Signs out, by POST only; pressed again after the session ended it just shows the sign-in page."""


class NewPassword(auth_views.PasswordChangeView):
    """Change of one's own password; other sessions of the account end."""

    form_class = NewPasswordForm
    template_name = "registration/password.html"
    success_url = reverse_lazy("home")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the summary of errors reads."""
        context = super().get_context_data(**kwargs)
        return {**context, "forms": [context["form"]]}

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:  # type: ignore[override]  # it is our form
        """Store the password and say so."""
        messages.success(self.request, "密码已经改好，下次请用新密码登录。")
        return super().form_valid(form)
