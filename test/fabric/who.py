#!/usr/bin/python3
"""An HTTP server on port 80, or the one that is given, that answers with its host's name and its caller's address."""
import http.server
import socket
import sys


class Who(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        caller = self.client_address[0].removeprefix("::ffff:")
        body = f"{socket.gethostname().split('.')[0]} sees {caller}\n".encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


server = Server(("::", int(sys.argv[1]) if len(sys.argv) > 1 else 80), Who)
print("ready", flush=True)
server.serve_forever()
