"""Pages of the organizations app: the sign-in, and the documents to sign for."""

from organizations.views.directives import directives, sign
from organizations.views.sign_in import NewPassword, SignedInRequest, SignIn, SignOut

__all__ = ["NewPassword", "SignIn", "SignOut", "SignedInRequest", "directives", "sign"]
