#!/usr/bin/python3
"""In an instance: runs the scripts that are posted to its loopback device, as anything does that the instance starts itself."""
import http.server
import json
import subprocess


class Agent(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        script = self.rfile.read(int(self.headers["content-length"])).decode()
        try:
            ran = subprocess.run(["sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=15)
            told = {"code": ran.returncode, "output": ran.stdout.decode(errors="replace")}
        except (OSError, subprocess.TimeoutExpired) as error:
            told = {"code": -1, "output": str(error)}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", 9), Agent).serve_forever()
