"""An object store that can go away: as much of S3 as recordings need (put, get, delete), on loopback."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "essai",
    "AWS_SECRET_ACCESS_KEY": "essai",
    "AWS_REGION": "essai",
    "AWS_ALLOW_HTTP": "true",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "false",
}


@dataclass
class Bucket:
    """`held`: what it keeps. `away`: it refuses, as an overloaded one does; `silent`: it takes questions and says nothing."""

    url: str = "s3://essai/films"
    endpoint: str = ""
    held: dict[str, bytes] = field(default_factory=dict)
    away: bool = False
    silent: bool = False
    refused: int = 0
    hang: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        """What a role reads to find it."""
        return ENVIRONMENT | {"AWS_ENDPOINT_URL": self.endpoint, "AWS_ENDPOINT": self.endpoint}


@contextmanager
def running_bucket() -> Iterator[Bucket]:
    """The store on a free port."""
    bucket = Bucket()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("ETag", '"essai"')
            self.send_header("Last-Modified", "Sat, 28 Nov 2026 00:00:00 GMT")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def turn(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if bucket.silent:
                bucket.refused += 1
                bucket.hang.wait()
                self.close_connection = True
            elif bucket.away:
                bucket.refused += 1
                self.answer(503)
            elif self.command == "PUT":
                bucket.held[self.path] = body
                self.answer(200)
            elif self.command == "POST":  # «DeleteObjects»
                names = re.findall(r"<Key>([^<]*)</Key>", body.decode())
                for name in names:
                    bucket.held.pop(f"{self.path.partition('?')[0].rstrip('/')}/{name}", None)
                told = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
                self.answer(200, f"<DeleteResult>{told}</DeleteResult>".encode())
            elif self.path not in bucket.held:
                self.answer(404)
            elif self.command == "DELETE":
                del bucket.held[self.path]
                self.answer(204)
            else:
                self.answer(200, bucket.held[self.path])

        do_PUT = do_GET = do_DELETE = do_POST = turn  # noqa: N815  # the names that http.server wants

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bucket.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield bucket
    finally:
        bucket.hang.set()
        server.shutdown()
        thread.join()
        server.server_close()
