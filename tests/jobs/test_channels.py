"""The channels of calls against what really answers, refuses, hangs or dies."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.continuity.outside import gateway, mail_server, program
from veilleur.jobs.channels import ChannelError, Message, examine, send
from veilleur.settings import ChannelSettings, load_settings

SAID = Message(("+33639980001",), "Objet", 'Dossier "é"\nurgent & vite', "https://exemple.test/a?b=1")


def http(url: str, **given: object) -> ChannelSettings:
    return ChannelSettings.model_validate({"name": "sms", "kind": "http", "url": url, "timeout": 2} | given)


def refused(channel: ChannelSettings) -> str:
    with pytest.raises(ChannelError) as fault:
        send(channel, SAID)
    return fault.value.why


def test_the_body_is_written_as_its_form_asks(tmp_path: Path) -> None:
    secret = tmp_path / "jeton"
    secret.write_text("s3cret\n")
    with gateway() as server:
        send(http(server.url, secret_file=secret), SAID)
        form = {"content_type": "application/x-www-form-urlencoded", "body": "n={to}&t={text}"}
        send(http(server.url, **form), SAID)
        send(http(server.url + "/x?t={text}&l={link}", method="GET"), SAID)
    (_, _, headers, first), (_, _, _, second), (method, path, _, third) = server.asked
    assert first == {"to": "+33639980001", "text": 'Dossier "é"\nurgent & vite'}
    assert headers["Authorization"] == "Bearer s3cret"
    assert second == "n=%2B33639980001&t=Dossier+%22%C3%A9%22%0Aurgent+%26+vite"
    assert (method, third) == ("GET", "")
    assert (
        path == "/x?t=Dossier%20%22%C3%A9%22%0Aurgent%20%26%20vite&l=https%3A%2F%2Fexemple.test%2Fa%3Fb%3D1"
    )


@pytest.mark.parametrize("status", [302, 404, 500])
def test_only_a_success_is_taken_for_one(status: int) -> None:
    with gateway() as server:
        server.status = status
        assert refused(http(server.url)) == "refused"


def test_a_server_that_says_nothing_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = "{}:{}".format(*deaf.getsockname())
        assert refused(http(f"http://{address}", timeout=0.3)) == "too_slow"
        mail = ChannelSettings(name="m", kind="mail", server=address, tls="none", timeout=0.3)
        assert refused(mail) == "too_slow"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = "{}:{}".format(*gone.getsockname())
    assert refused(http(f"http://{address}")) == "unreachable"
    assert refused(ChannelSettings(name="m", kind="mail", server=address, tls="none")) == "unreachable"


def test_a_mail_server_without_tls_is_not_spoken_to_in_clear() -> None:
    with mail_server() as server:
        assert refused(ChannelSettings(name="m", kind="mail", server=server.address, timeout=2)) == "refused"
        assert server.taken == []


def test_a_program_hears_the_message_and_its_failure_is_told(tmp_path: Path) -> None:
    out = tmp_path / "dit"
    script = program(
        tmp_path, f'[ "$1" = --fort ] && printf "%s/%s" "$VEILLEUR_TO" "$VEILLEUR_SUBJECT" > {out}'
    )
    channel = ChannelSettings(name="s", kind="script", program=script, arguments=("--fort",))
    send(channel, SAID)
    assert out.read_text() == "+33639980001/Objet"
    assert refused(channel.model_copy(update={"arguments": ()})) == "exit"
    assert refused(channel.model_copy(update={"program": tmp_path / "absent"})) == "not_started"


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    out = tmp_path / "vivant"
    script = program(tmp_path, f"(sleep 30; touch {out}) & sleep 30")
    assert refused(ChannelSettings(name="s", kind="script", program=script, timeout=0.3)) == "too_slow"


def test_a_secret_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert refused(http("http://127.0.0.1:9", secret_file=tmp_path / "absent")) == "secret_missing"


@pytest.mark.parametrize(
    "channel",
    [
        {"name": "m", "kind": "mail"},
        {"name": "h", "kind": "http", "url": "file:///etc/passwd"},
        {"name": "s", "kind": "script", "program": "relatif.sh"},
        {"name": "x", "kind": "fax"},
    ],
)
def test_a_channel_that_cannot_work_is_refused_at_start(channel: dict[str, str]) -> None:
    from veilleur.kernel.errors import SettingsError

    with pytest.raises(SettingsError):
        load_settings(channels=[channel])


def test_a_channel_is_examined_without_calling_anybody(tmp_path: Path) -> None:
    script = program(tmp_path, "exit 0")
    with gateway() as sms, mail_server() as mail:
        ways = [
            http(sms.url),
            ChannelSettings(name="m", kind="mail", server=mail.address, tls="none", timeout=2),
            ChannelSettings(name="s", kind="script", program=script),
        ]
        for way in ways:
            examine(way)
        assert (sms.asked, mail.taken) == ([], [])
    script.chmod(0o600)
    wrong = []
    for way in [*ways, http("https://127.0.0.1:1", secret_file=tmp_path / "absent")]:
        with pytest.raises(ChannelError) as fault:
            examine(way)
        wrong.append(fault.value.why)
    assert wrong == ["unreachable", "unreachable", "not_started", "secret_missing"]
