"""Lines of the FTP door: what cameras say, and what others say to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilleur.protocols.ftp.commands import (
    MAX_LINE,
    MAX_PATH,
    BadLineError,
    Command,
    extended_reply,
    passive_reply,
    read_command,
    walked,
)
from veilleur.protocols.ftp.dialogue import MAX_STORED, Dialogue, Do


def inside(**columns: bool) -> Dialogue:
    return Dialogue(**({"tls": True, "clear": False, "secured": True, "logged_in": True} | columns))


def code(said: bytes | Do) -> str:
    return said.name if isinstance(said, Do) else said[:3].decode()


def test_lines_of_cameras() -> None:
    assert read_command(b"STOR /2026/11/29 14h.jpg\r\n") == Command("STOR", "/2026/11/29 14h.jpg")
    assert read_command(b"pasv\n") == Command("PASV")
    assert read_command("MKD entrée\r\n".encode()) == Command("MKD", "entrée")
    assert read_command("MKD entrée\r\n".encode("latin-1")) == Command("MKD", "entrée")
    assert read_command(b"\xff\xf4\xff\xf2ABOR\r\n") == Command("ABOR")
    assert passive_reply("192.0.2.7", 8630) == b"227 Entering Passive Mode (192,0,2,7,33,182)\r\n"
    assert extended_reply(8630) == b"229 Entering Extended Passive Mode (|||8630|)\r\n"


@pytest.mark.parametrize(
    "line",
    [b"", b"\r\n", b"GET / HTTP/1.1\r\n"[:2], b"STORE x", b"STOR a\0b", b"CWD a\rb", b"A" * (MAX_LINE + 1)],
)
def test_what_is_no_command(line: bytes) -> None:
    with pytest.raises(BadLineError):
        read_command(line)


@given(st.binary(max_size=MAX_LINE + 20))
def test_any_bytes_are_a_command_or_refused(line: bytes) -> None:
    try:
        command = read_command(line)
        said = inside(protected=True).hear(command)
    except BadLineError:
        return
    if isinstance(said, bytes):
        *lines, end = said.split(b"\r\n")
        assert end == b""
        assert not any(each in line for line in lines for each in (b"\r", b"\n", b"\0"))
        assert len(lines) == 1 or command.verb == "FEAT"


@given(st.text(max_size=80), st.text(alphabet="./\\ab", max_size=80))
def test_no_path_leaves_the_root(folder: str, said: str) -> None:
    start = walked("/", folder)
    path = walked(start, said)
    assert path.startswith("/")
    assert ".." not in path.split("/")
    assert len(path) <= MAX_PATH
    assert walked(path, "../" * 60) == "/"


def test_folders_are_only_names() -> None:
    me = inside()
    assert me.hear(Command("CWD", "../../etc")) == b'250 "/etc"\r\n'
    assert me.hear(Command("PWD")) == b'257 "/etc"\r\n'
    assert me.hear(Command("MKD", 'a"b')) == b'257 "/etc/a""b"\r\n'
    assert me.hear(Command("CDUP")) == b'250 "/"\r\n'
    with pytest.raises(BadLineError):
        me.hear(Command("CWD", "x/" * MAX_PATH))
    for name in ("", ".", "..", "/"):
        with pytest.raises(BadLineError):
            inside(protected=True).hear(Command("STOR", name))


def test_nobody_logs_in_in_clear_where_it_is_not_so_set() -> None:
    me = Dialogue(tls=True, clear=False)
    for verb in ("USER", "PASS", "STOR", "PASV"):
        assert code(me.hear(Command(verb, "x"))) == "530"
    assert me.hear(Command("AUTH", "TLS")) is Do.SECURE
    me.secured = True
    assert code(me.hear(Command("STOR", "x"))) == "530"
    assert code(me.hear(Command("USER", "C-1"))) == "331"
    assert me.hear(Command("PASS", "x")) is Do.LOG_IN
    me.logged_in = True
    assert code(me.hear(Command("STOR", "x.jpg"))) == "521"
    assert code(me.hear(Command("PROT", "C"))) == "534"
    assert code(me.hear(Command("PROT", "P"))) == "200"
    assert me.hear(Command("STOR", "x.jpg")) is Do.STORE


def test_in_clear_where_it_is_so_set() -> None:
    me = Dialogue(tls=False, clear=True)
    assert code(me.hear(Command("AUTH", "TLS"))) == "504"
    assert code(me.hear(Command("PASS", "x"))) == "503"
    assert code(me.hear(Command("STOR", "x"))) == "530"
    assert code(me.hear(Command("USER", "C-1"))) == "331"
    me.logged_in = True
    assert me.hear(Command("STOR", "x.jpg")) is Do.STORE
    assert me.hear(Command("PASV")) is Do.PASSIVE
    assert me.hear(Command("EPSV")) is Do.EXTENDED
    assert code(me.hear(Command("USER", "C-2"))) == "331"
    assert not me.logged_in, "another name, another password"


@pytest.mark.parametrize(
    "verb",
    ["RETR", "LIST", "NLST", "MLSD", "DELE", "RMD", "RNFR", "RNTO", "APPE", "STOU", "SITE", "PORT", "EPRT"],
)
def test_nothing_is_read_listed_erased_nor_called(verb: str) -> None:
    assert code(inside(protected=True).hear(Command(verb, "127,0,0,1,0,22"))) == "502"


def test_the_sizes_of_the_last_files_of_this_session_alone() -> None:
    me = inside()
    for number in range(MAX_STORED + 2):
        me.sized(f"/{number}.jpg", number)
    assert code(me.hear(Command("SIZE", "0.jpg"))) == "550"
    assert me.hear(Command("SIZE", "17.jpg")) == b"213 17\r\n"
