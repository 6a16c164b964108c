"""What the pages of a phone call: sending operations and photos, the roll-call, and what may lie on the phone.

These addresses stand below ``/visits/`` and belong to the portal's own pages; the district's API does not have them.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, ClassVar, cast

from django.conf import settings
from django.middleware.csrf import get_token
from django.utils import timezone
from rest_framework import exceptions, serializers, status
from rest_framework.fields import empty
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chishang.core.api.permissions import ActionPermission
from chishang.core.api.problems import KeyReused, TooLarge
from chishang.core.api.serializers import StrictSerializer
from organizations.models import User
from visits.enums import OperationKind, OperationState
from visits.selectors import on_the_phone
from visits.services import (
    OperationBusy,
    OperationReused,
    PhoneReport,
    PhotoNotExpected,
    PhotoTooLarge,
    SentOperation,
    call_the_roll,
    may_send,
    note_phone,
    phone_of,
    receive_operation,
    store_photo,
)
from visits.services.phones import MOST_CALLED
from visits.services.photos import MOST_BYTES
from visits.services.visits import RECORD


class WrongAccount(exceptions.APIException):
    """Somebody else is signed in than whoever wrote the record."""

    status_code = status.HTTP_403_FORBIDDEN
    default_detail = "这条记录是另一个账号写的，没有上报。请由本人登录后上报。"


class ComeAgain(exceptions.APIException):
    """Not now: something else must arrive or end first."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "正在处理同一份内容，请稍后再发。"
    wait = 5
    """Seconds until the phone should come again (Retry-After)."""


class MaySend(BasePermission):
    """For those who record visits, and for those whose duty has ended while records of theirs lay on a phone."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether what the account's phone holds is taken."""
        return request.user.is_authenticated and may_send(request.user)


class Unread:
    """A field that counts as not said where it makes no sense: the record that comes with it matters more."""

    def run_validation(self, data: Any = empty) -> Any:
        """Return the value; None for nonsense, and for what only newer pages say."""
        try:
            return super().run_validation(data)  # type: ignore[misc]  # the field has it
        except serializers.ValidationError:
            return None


class PhoneTimeField(Unread, serializers.DateTimeField):
    """A time by the phone's clock."""


class PhoneReportSerializer(Unread, StrictSerializer):
    """What the phone says of itself."""

    device_id = serializers.UUIDField()
    waiting = serializers.IntegerField(min_value=0, max_value=10**6, default=0)
    oldest_waiting_at = PhoneTimeField(required=False, allow_null=True, default=None)
    sent_total = serializers.IntegerField(min_value=0, max_value=10**9, default=0)

    def to_internal_value(self, data: Any) -> PhoneReport:
        """Return it as the service takes it."""
        return PhoneReport(**super().to_internal_value(data))


class SentOperationSerializer(StrictSerializer):
    """The envelope of an operation; its content is judged by the service, which keeps it in any case."""

    op_id = serializers.UUIDField()
    user = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=OperationKind.choices)
    payload = serializers.DictField()
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z")
    made_at = PhoneTimeField(required=False, allow_null=True, default=None)
    phone = PhoneReportSerializer(required=False, allow_null=True, default=None)


class RollCallSerializer(StrictSerializer):
    """The operations that the phone has sent, and what it says of itself."""

    phone = PhoneReportSerializer()
    ops = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(max_length=64), min_length=2, max_length=2),
        max_length=MOST_CALLED,
    )


def actor_of(request: Request) -> User:
    """Return the account; the permission has made sure that there is one."""
    return cast("User", request.user)


class PhoneView(APIView):
    """Base: for those who record visits, or did so. What comes from these is stored, and waits for the office."""

    permission_classes: Sequence[Any] = (MaySend,)
    schema = None

    def handle_exception(self, exc: Exception) -> Response:
        """Let the phone come again where another request holds what this one needs."""
        return super().handle_exception(ComeAgain() if isinstance(exc, OperationBusy) else exc)


class OperationsView(PhoneView):
    """Sending one operation."""

    def post(self, request: Request) -> Response:
        """Store it and answer with its receipt: 201 when it was taken in, 202 when it is held for the office.

        The same again gets the same receipt with ``Idempotency-Replayed: true``.
        """
        entry = SentOperationSerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        given, user = entry.validated_data, actor_of(request)
        if given["user"] != user.pk:
            raise WrongAccount
        phone = given["phone"]
        sent = SentOperation(
            op_id=given["op_id"],
            kind=given["kind"],
            payload=cast("dict[str, Any]", request.data)["payload"],
            sha256=given["sha256"],
            made_at=given["made_at"],
            device=phone_of(user, phone.device_id) if phone else None,
        )
        try:
            operation, replayed = receive_operation(user=user, sent=sent)
        except OperationReused as error:
            raise KeyReused from error
        if phone:
            note_phone(user, phone)
        held = operation.receipt["state"] == OperationState.HELD
        code = status.HTTP_202_ACCEPTED if held else status.HTTP_201_CREATED
        return Response(operation.receipt, status=code, headers={"Idempotency-Replayed": "true"} if replayed else {})


class PhotoParser(BaseParser):
    """Takes a body as it is."""

    media_type = "image/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the bytes, and no more of them than show that they are too many."""
        return bytes(stream.read(MOST_BYTES + 1))


class PhotoView(PhoneView):
    """Sending one photo, under the SHA-256 of its bytes."""

    parser_classes = (PhotoParser,)

    def put(self, request: Request, sha256: str) -> Response:
        """Store the photo: 201 the first time, 200 afterwards."""
        try:
            content = cast("bytes", request.data or b"")  # without a body nothing was parsed
            new = store_photo(user=actor_of(request), sha256=sha256, content=content)
        except PhotoTooLarge as error:
            raise TooLarge(error.message) from error
        except PhotoNotExpected as error:
            raise ComeAgain(error.message) from error
        return Response({"sha256": sha256}, status=status.HTTP_201_CREATED if new else status.HTTP_200_OK)


class RollCallView(PhoneView):
    """Which of the sent operations the server has."""

    def post(self, request: Request) -> Response:
        """Note what the phone says of itself; answer with its operations by what is known of them."""
        call, user = RollCallSerializer(data=request.data), actor_of(request)
        call.is_valid(raise_exception=True)
        to_id = serializers.UUIDField().to_internal_value
        roll = call_the_roll(user, [(to_id(op_id), sha256) for op_id, sha256 in call.validated_data["ops"]])
        if phone := call.validated_data["phone"]:
            note_phone(user, phone)
        return Response(asdict(roll))


class SessionView(PhoneView):
    """Who is signed in, and what a write needs; asked at the moment of sending and stored nowhere."""

    def get(self, request: Request) -> Response:
        """Return the account, the CSRF token and the server's time.

        The cookie of a token that the phone has stays as it is: this answer may come late, when another tab has just
        signed in, and must not bring the token of before back.
        """
        token = get_token(request)
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = settings.CSRF_COOKIE_NAME not in request.COOKIES
        return Response(
            {
                "user": request.user.pk,
                "name": str(request.user),
                "csrf": token,
                "now": timezone.localtime().isoformat(timespec="seconds"),
            }
        )


class ReferenceView(PhoneView):
    """What the phone keeps for use without network: for those who record visits today."""

    permission_classes = (ActionPermission,)
    action_permissions: ClassVar[dict[str, str]] = {"phone": RECORD}
    action = "phone"

    def get(self, request: Request) -> Response:
        """Return the households of one's villages, the categories, and the issues that wait for oneself."""
        return Response(on_the_phone(actor_of(request)))
