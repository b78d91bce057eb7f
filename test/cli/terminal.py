"""Runs a command on a terminal of its own: lines of JSON say what to wait for and what to type; prints what it showed and how it ended."""
import json
import os
import pty
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b""
seen = 0
for line in sys.stdin:
    step = json.loads(line)
    while step["when"].encode() not in shown[seen:]:
        shown += os.read(terminal, 65536)
    seen = shown.index(step["when"].encode(), seen) + len(step["when"])
    os.write(terminal, step["type"].encode())
try:
    while piece := os.read(terminal, 65536):
        shown += piece
except OSError:  # it has ended
    pass
print(json.dumps({"shown": shown.decode(errors="replace"), "code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}))
