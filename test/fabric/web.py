#!/usr/bin/python3
"""An HTTP server on port 80: says who it is, answers slowly at /slow?SECONDS, and echoes over a WebSocket at /ws."""
import base64
import hashlib
import http.server
import socket
import time

NAME = socket.gethostname().split(".")[0]


class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/ws"):
            return self.echo()
        if self.path.startswith("/slow?"):
            time.sleep(float(self.path.split("?")[1]))
        lines = [NAME] + [f"{name}: {value}" for name, value in self.headers.items()]
        self.reply("\n".join(lines).encode() + b"\n")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.reply(b"%d %s\n" % (len(body), hashlib.sha256(body).hexdigest().encode()))

    def reply(self, body):
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def echo(self):
        key = self.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("upgrade", "websocket")
        self.send_header("connection", "upgrade")
        self.send_header("sec-websocket-accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        while True:
            head = self.rfile.read(2)
            if len(head) < 2 or head[0] & 15 == 8:
                self.wfile.write(bytes([0x88, 0]))
                self.close_connection = True
                return
            length = head[1] & 127
            mask = self.rfile.read(4)
            text = bytes(byte ^ mask[at % 4] for at, byte in enumerate(self.rfile.read(length)))
            self.wfile.write(bytes([head[0], len(text)]) + text)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


Server(("", 80), Web).serve_forever()
