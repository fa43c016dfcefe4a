"""What cameras push: one JPEG, or several in a multipart body with the event's XML; and what attackers push."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from veilleur.kernel.errors import InvalidError
from veilleur.video.remote import accept_push
from veilleur.video.remote_limits import MAX_PUSHED, MAX_PUSHED_PARTS


def jpeg(width=64, height=48, grey=90):
    out = io.BytesIO()
    Image.new("L", (width, height), grey).save(out, "JPEG")
    return out.getvalue()


def multipart(*parts, mark="--boundary"):
    body = b"".join(
        f"{mark}\r\n{heads}\r\n\r\n".encode() + content + b"\r\n" for heads, content in parts
    ) + f"{mark}--\r\n".encode()  # fmt: skip
    return body, {"Content-Type": f'multipart/form-data; boundary="{mark[2:]}"'}


def test_one_picture_by_post_or_by_ftp():
    picture = jpeg()
    pushed = accept_push(picture, {"content-type": "image/jpeg"})
    (kept,) = pushed.pictures
    assert (kept.jpeg, kept.width, kept.height) == (picture, 64, 48)
    assert kept.sha256 == hashlib.sha256(picture).digest() == pushed.sha256
    by_ftp = accept_push(picture, {"Content-Disposition": 'attachment; filename="../../CAM1_20261123.jpg"'})
    assert by_ftp.pictures[0].name == "CAM1_20261123.jpg"


@pytest.mark.parametrize("length", [True, False])
def test_an_event_and_two_pictures(length):
    one, two = jpeg(), jpeg(32, 16)

    def heads(name, content):
        told = f"\r\nContent-Length: {len(content)}" if length else ""
        return f'Content-Disposition: form-data; name="{name}"; filename="{name}.jpg"\r\nContent-Type: image/jpeg{told}'

    xml = b"<EventNotificationAlert><eventType>linedetection</eventType></EventNotificationAlert>"
    body, headers = multipart(
        ('Content-Disposition: form-data; name="event.xml"\r\nContent-Type: application/xml', xml),
        (heads("a", one), one),
        (heads("b", two), two),
    )
    pushed = accept_push(body, headers)
    assert [each.jpeg for each in pushed.pictures] == [one, two]
    assert [each.name for each in pushed.pictures] == ["a.jpg", "b.jpg"]
    assert pushed.texts == (("event.xml", xml.decode()),)
    assert pushed.left_out == 0


def test_a_picture_that_holds_the_boundary():
    inside = jpeg()[:-2] + b"\r\n--boundary\r\n\r\n" + b"\xff\xd9"
    body, headers = multipart((f"Content-Type: image/jpeg\r\nContent-Length: {len(inside)}", inside))
    assert accept_push(body, headers).pictures[0].jpeg == inside


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"\xff\xd8\xff" + b"\0" * 100, jpeg()[:-2], b"\xff\xd8\xff\xd9", b"PK\x03\x04" + jpeg()],
)
def test_what_is_no_picture(body):
    with pytest.raises(InvalidError):
        accept_push(body, {"content-type": "image/jpeg"})


def test_a_picture_cut_behind_its_thumbnail_is_none():
    thumbnail = b"Exif\0\0" + jpeg(16, 12)
    head = b"\xff\xd8\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    whole = head + jpeg()[2:]
    assert accept_push(whole, {}).pictures[0].jpeg == whole
    for left in (len(head), len(head) + 200, len(whole) - 2):
        with pytest.raises(InvalidError):
            accept_push(whole[:left], {})


def test_what_is_too_much():
    with pytest.raises(InvalidError):
        accept_push(b"\xff" * (MAX_PUSHED + 1), {})
    picture = jpeg()
    body, headers = multipart(*[("Content-Type: image/jpeg", picture)] * 200)
    assert len(accept_push(body, headers).pictures) == MAX_PUSHED_PARTS
    lying, headers = multipart(("Content-Type: image/jpeg\r\nContent-Length: 99999999", picture))
    assert accept_push(lying, headers).pictures[0].jpeg == picture


@given(
    st.binary(max_size=300), st.sampled_from(["", "multipart/mixed; boundary=a", "multipart/x; boundary=--"])
)
def test_any_bytes_give_an_answer_or_a_refusal(body, kind):
    try:
        pushed = accept_push(body.replace(b"b", b"--a\r\n"), {"content-type": kind})
    except InvalidError:
        return
    assert pushed.texts or pushed.pictures
