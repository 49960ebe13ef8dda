"""The answers of a server on this machine that the downloads are tested against."""

from contextlib import suppress
from http.server import BaseHTTPRequestHandler

BODY = bytes(range(256)) * 1024  # 256 KiB: several blocks


class Handler(BaseHTTPRequestHandler):
    """Answers by path; an unknown path is a 404."""

    def do_GET(self):
        self.server.requests.append(self.path)
        answer = getattr(self, "get_" + self.path.strip("/"), None)
        with suppress(ConnectionError):  # the client hung up, as some tests want it to
            answer() if answer else self.send_error(404)

    def log_message(self, *args):
        pass

    def head(self, code, **headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def trickle(self, drop):
        """For 5 s: longer than any limit here, yet a client without a limit fails instead of hanging."""
        for _ in range(100):
            if self.server.over.wait(0.05):
                break
            self.wfile.write(drop)

    def get_good(self):
        self.head(200, Content_Length=len(BODY))
        self.wfile.write(BODY)

    def get_unsized(self):
        self.head(200)
        self.wfile.write(BODY)

    def get_silent(self):
        self.server.over.wait(5)

    def get_trickled_body(self):
        self.head(200, Content_Length=len(BODY))
        self.trickle(b"x")

    def get_trickled_header(self):
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Endless: ")
        self.trickle(b"x")

    def get_trickled_chunk_size(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.trickle(b"0")

    def get_flood(self):
        self.head(200)
        for _ in range(100):
            self.wfile.write(BODY)

    def get_cut(self):
        self.head(200, Content_Length=len(BODY) + 1)
        self.wfile.write(BODY)

    def get_cut_chunk(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nonly this")

    def get_moved(self):
        self.head(302, Location="/good")

    def get_moved_with_endless_body(self):
        self.head(302, Location="/good")
        self.trickle(b"x" * 1024)

    def get_to_file(self):
        self.head(302, Location="file:///etc/hostname")

    def get_to_ftp(self):
        self.head(302, Location="ftp://127.0.0.1/good")

    def get_loop(self):
        self.head(302, Location="/loop")

    def get_rude(self):
        self.wfile.write(b"HTTP/1.0 403 \x1b[2J\x0bGo away\r\n\r\n")
