"""The answers of a server on this machine that the downloads are tested against."""

from contextlib import suppress
from http.server import BaseHTTPRequestHandler

BODY = bytes(range(256)) * 1024  # 256 KiB: several blocks


def ok(length: int | None = None) -> bytes:
    sized = b"" if length is None else b"Content-Length: %d\r\n" % length
    return b"HTTP/1.0 200 OK\r\n" + sized + b"\r\n"


def moved(place: bytes) -> bytes:
    return b"HTTP/1.0 302 Found\r\nLocation: " + place + b"\r\n\r\n"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ANSWERS = {  # path: what is sent at once, and what trickles after it
    "/good": (ok(len(BODY)) + BODY, None),
    "/unsized": (ok() + BODY, None),
    "/silent": (b"", b""),
    "/trickled_body": (ok(len(BODY)), b"x"),
    "/trickled_header": (b"HTTP/1.0 200 OK\r\nX-Endless: ", b"x"),
    "/trickled_chunk_size": (CHUNKED, b"0"),
    "/flood": (ok() + BODY * 100, None),
    "/cut": (ok(len(BODY) + 1) + BODY, None),
    "/cut_chunk": (CHUNKED + b"400\r\nonly this", None),
    "/moved": (moved(b"/good"), None),
    "/moved_with_endless_body": (moved(b"/good"), b"x" * 1024),
    "/to_file": (moved(b"file:///etc/hostname"), None),
    "/to_ftp": (moved(b"ftp://127.0.0.1/good"), None),
    "/loop": (moved(b"/loop"), None),
    "/rude": (b"HTTP/1.0 403 \x1b[2J\x0bGo away\r\n\r\n", None),
    "/missing": (b"HTTP/1.0 404 Not Found\r\n\r\n", None),
}


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self):
        self.server.requests.append(self.path)
        start, drop = ANSWERS[self.path]
        with suppress(ConnectionError):  # the client hung up, as some tests want it to
            self.wfile.write(start)
            for _ in range(0 if drop is None else 100):  # 5 s: longer than any limit, yet no client hangs for ever
                if self.server.over.wait(0.05):
                    break
                self.wfile.write(drop)

    def log_message(self, *args):
        pass
