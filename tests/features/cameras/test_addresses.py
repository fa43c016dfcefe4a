"""Addresses that people and files give: what is secret is taken out, what is hostile is refused."""

from __future__ import annotations

import pytest

from veilleur.features.cameras.addresses import BadAddressError, check_address


def check(
    kind: str, main: str, sub: str | None = None, user: str | None = None, files: bool = False, **options
):
    return check_address(kind, main, sub, user, options, files=files)


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("rtsp", "rtsp://192.0.2.1/main"),
        ("rtsp", "rtsps://camera.example:322/a?channel=1&subtype=0"),
        ("rtsp", "rtsp://[2001:db8::1]:554/x"),
        ("onvif", "http://192.0.2.1/onvif/device_service"),
        ("onvif", "rtsp://10.0.0.1/profile1"),
        ("mjpeg", "https://192.0.2.1/video"),
        ("snapshot", "http://192.168.1.9/image.jpg"),
        ("recorder", "rtsp://192.0.2.1/replay"),
        ("push", "push://chantier-7"),
    ],
)
def test_what_cameras_have(kind, url) -> None:
    checked = check(kind, url)
    assert checked.source == {"kind": kind, "main": url, "sub": None, "user": None, "options": {}}
    assert checked.password is None


@pytest.mark.parametrize(
    ("kind", "url", "code"),
    [
        ("rtsp", "http://192.0.2.1/", "bad_scheme"),
        ("rtsp", "file:///etc/passwd", "bad_scheme"),
        ("rtsp", "gopher://192.0.2.1/", "bad_scheme"),
        ("snapshot", "ftp://192.0.2.1/i.jpg", "bad_scheme"),
        ("snapshot", "javascript:alert(1)", "bad_scheme"),
        ("snapshot", "rtsp://192.0.2.1/", "bad_scheme"),
        ("rtsp", "rtsp:///main", "bad_url"),
        ("rtsp", "rtsp://192.0.2.1:99999/", "bad_url"),
        ("rtsp", "rtsp://192.0.2.1:0/", "bad_url"),
        ("rtsp", "rtsp://192.0.2.1/a b", "bad_url"),
        ("rtsp", "rtsp://192.0.2.1/\r\nX: y", "bad_url"),
        ("rtsp", "rtsp://192.0.2.1/é", "bad_url"),
        ("rtsp", "rtsp://[::1/", "bad_url"),
        ("rtsp", "rtsp://192.0.2.1/#x", "bad_url"),
        ("rtsp", "rtsp://192.0.2.1/" + "a" * 1000, "bad_url"),
        ("snapshot", "http://192.0.2.1/i.jpg?user=a&PWD=b", "secret_in_address"),
        ("mjpeg", "http://192.0.2.1/v?token=b", "secret_in_address"),
        ("file", "file:///tmp/a.mp4", "file_refused"),
    ],
)
def test_what_is_refused(kind, url, code) -> None:
    with pytest.raises(BadAddressError) as refused:
        check(kind, url)
    assert refused.value.code == code
    assert url not in str(refused.value.params), "an address may hold a password"


def test_a_file_is_for_the_command_line_and_the_demonstration() -> None:
    assert check("file", "file:///srv/a.mp4", files=True).source["main"] == "file:///srv/a.mp4"
    assert check("file", "/srv/à voir/1.mp4", files=True).source["main"] == "file:///srv/%C3%A0%20voir/1.mp4"
    for url in ("srv/a.mp4", "/srv/a\n.mp4", "file://server/share/a.mp4", "http://192.0.2.1/"):
        with pytest.raises(BadAddressError):
            check("file", url, files=True)


def test_a_password_inside_a_url_is_taken_out_of_it() -> None:
    checked = check("rtsp", "rtsp://admin:p%40ss@192.0.2.1:554/main", "rtsp://admin:p%40ss@192.0.2.1/sub")
    assert checked.source["main"] == "rtsp://192.0.2.1:554/main"
    assert checked.source["sub"] == "rtsp://192.0.2.1/sub"
    assert (checked.source["user"], checked.password) == ("admin", "p@ss")
    assert "p@ss" not in repr(checked)


@pytest.mark.parametrize(
    ("main", "sub", "user"),
    [
        ("rtsp://a:1@192.0.2.1/", "rtsp://a:2@192.0.2.1/", None),
        ("rtsp://a:1@192.0.2.1/", "rtsp://b:1@192.0.2.1/", None),
        ("rtsp://a:1@192.0.2.1/", None, "b"),
    ],
)
def test_two_that_contradict_each_other_are_refused(main, sub, user) -> None:
    with pytest.raises(BadAddressError, match="two_passwords"):
        check("rtsp", main, sub, user)


@pytest.mark.parametrize(
    "options", [{"password": "x"}, {"onvif": {"PassWord": "x"}}, {"list": [{"token": "x"}]}]
)
def test_options_hold_no_secret(options) -> None:
    with pytest.raises(BadAddressError, match="secret_in_address"):
        check("onvif", "http://192.0.2.1/", **options)


def test_the_other_addresses_of_a_camera_are_checked_too() -> None:
    check("onvif", "rtsp://192.0.2.1/", onvif="http://192.0.2.1/onvif/device_service")
    check("onvif", "rtsp://192.0.2.1/", onvif="192.0.2.1:8080")
    for where in ("file:///etc/passwd", "gopher://x/", "http://a:b@192.0.2.1/", 7, "a b"):
        with pytest.raises(BadAddressError):
            check("onvif", "rtsp://192.0.2.1/", onvif=where)
