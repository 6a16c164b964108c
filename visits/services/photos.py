"""Photos of visits: checked against their hash, and stored without what cameras write into files."""

import hashlib
import struct
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from organizations.models import User
from visits.models import Operation, Photo

MOST_BYTES = 300 * 1024
"""What a phone may send, and the most that is stored."""
MOST_PIXELS = 4000 * 4000
LONGEST_SIDE = 1600
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP")
BROKEN_EXIF = (struct.error, ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError)
"""What reading raises where a camera wrote nonsense about its picture."""
ORIENTATION = ExifTags.Base.Orientation


class PhotoTooLarge(ValidationError):
    """The phone has to shrink it first."""

    def __init__(self) -> None:
        super().__init__("照片超过 300 KB，请让手机缩小后再发。")


class PhotoNotExpected(ValidationError):
    """No operation that the account sent names this photo (yet)."""

    def __init__(self) -> None:
        super().__init__("还没有收到这张照片所属的走访，请先发走访。")


def store_photo(*, user: User, sha256: str, content: bytes) -> bool:
    """Store a photo with every operation of ``user`` that names it; return whether one lacked it.

    Twice changes nothing. ``sha256`` is that of ``content`` as sent. Raises PhotoTooLarge, PhotoNotExpected, or
    ValidationError for what is no whole picture.
    """
    if len(content) > MOST_BYTES:
        raise PhotoTooLarge
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValidationError("照片没有收全，请重发。")
    naming = Operation.objects.filter(user=user, payload__photos__contains=[sha256])
    if not naming.exists():
        raise PhotoNotExpected
    lacking = naming.exclude(pk__in=Photo.objects.filter(sha256=sha256).values("operation"))
    keys = list(lacking.values_list("pk", flat=True))
    if not keys:
        return False
    picture = without_metadata(content)
    photos = [Photo(operation_id=key, sha256=sha256, content=picture) for key in keys]
    Photo.objects.bulk_create(photos, ignore_conflicts=True)  # the same may come twice at once
    return True


def without_metadata(content: bytes) -> bytes:
    """Return the picture as a JPEG of at most 300 KB with nothing but its pixels, upright; raise ValidationError."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValidationError("照片太大，请让手机缩小后再发。")
            picture = opened.convert("RGB")
            picture.info.clear()
            picture.getexif()[ORIENTATION] = _orientation(opened)
            ImageOps.exif_transpose(picture, in_place=True)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError("这不是可以打开的照片。") from error
    side = LONGEST_SIDE
    while True:
        picture.thumbnail((side, side))
        file = BytesIO()
        picture.save(file, "JPEG", quality=QUALITY, optimize=True)
        if file.tell() <= MOST_BYTES:
            return file.getvalue()
        side = side * 3 // 4


def _orientation(picture: Image.Image) -> Any:
    """Return what the camera wrote about how it was held; None where that makes no sense."""
    try:
        return picture.getexif().get(ORIENTATION)
    except BROKEN_EXIF:
        return None
