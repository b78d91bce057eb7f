"""The fabric benchmark's load, run inside namespaces: blocking sockets on one thread, so that what is timed is the path. Clock: CLOCK_MONOTONIC in ns."""
import json
import os
import select
import struct
import sys
import time
import _socket as socket  # without the wrapper's Python code: a new socket costs a system call and little else

now = time.monotonic_ns
CLOSED_AFTER = 20  # packets of the open port that come while none of the watched port does


def tell(value):
    print(json.dumps(value), flush=True)


def listen(port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('0.0.0.0', port))
    listener.listen(4096)
    tell({'ready': port})
    return listener


ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'


def accept(kind, port):
    """Accepts connections and closes them at once, or (`http`) after one request and its answer."""
    listener = listen(port)
    while True:
        descriptor, _ = listener._accept()
        if kind == 'http':
            os.read(descriptor, 2048)
            os.write(descriptor, ANSWER)
        os.close(descriptor)


def echo(kind, port):
    """Datagrams, or one TCP connection after the other."""
    if kind == 'udp':
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(('0.0.0.0', port))
        tell({'ready': port})
        while True:
            one.sendto(*one.recvfrom(2048))
    listener = listen(port)
    while True:
        descriptor, _ = listener._accept()
        connection = socket.socket(fileno=descriptor)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := connection.recv(2048):
            connection.send(data)
        connection.close()


def connect(kind, host, port, count):
    """Opens and closes so many connections, one after the other; `http`: with a request in each, and all of its answer."""
    request = b'GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n' if kind == 'http' else b''
    before, start = os.times(), now()
    for _ in range(count):
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.connect((host, port))
        if request:
            one.send(request)
            while one.recv(2048):
                pass
        one.close()
    took, after = now() - start, os.times()
    tell({'perSecond': count * 1e9 / took, 'userShare': (after.user - before.user) * 1e9 / took, 'busyShare': (after.user + after.system - before.user - before.system) * 1e9 / took})


def ping(kind, host, port, count):
    """Round trips of 64 bytes, one after the other; their times in µs."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
    one.connect((host, port))
    if kind == 'tcp':
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data, times = b'k' * 64, []
    for _ in range(count):
        start = now()
        one.send(data)
        one.recv(2048)
        times.append(now() - start)
    times.sort()
    tell({'median': times[count // 2] / 1e3, 'p99': times[count * 99 // 100] / 1e3})


def speak(host, open_port, port, every_us):
    """To both ports, numbered and timed, each number from source ports of its own, without end."""
    many = []
    for _ in range(256):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(('0.0.0.0', 0))
        many.append(one)
    number, due = 0, now()
    while True:
        packet = struct.pack('!QQ', number, now())
        for to in (port, open_port):
            try:
                many[number % 256].sendto(packet, (host, to))
            except OSError:
                pass
        number += 1
        due = max(due + every_us * 1000, now() - 5_000_000)
        time.sleep(max(0, (due - now()) / 1e9))


def watch(open_port, port):
    """Says when packets to a port begin to come (their arrival), and when they come no more (when the first one that was lost was sent)."""
    watched, known = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    watched.bind(('0.0.0.0', port))
    known.bind(('0.0.0.0', open_port))
    last, is_open, sent = -1, False, {}
    tell({'ready': port})
    while True:
        ready, _, _ = select.select([watched, known], [], [])
        if watched in ready:
            last = struct.unpack('!QQ', watched.recv(64))[0]
            if not is_open:
                is_open = True
                tell({'event': 'open', 'ns': now()})
            continue
        number, at = struct.unpack('!QQ', known.recv(64))
        sent[number] = at
        if is_open and number - last >= CLOSED_AFTER:
            is_open = False
            tell({'event': 'closed', 'ns': sent.get(last + 1, at)})
        if len(sent) > 4096:
            sent = {one: when for one, when in sent.items() if one > number - 1024}


def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def reach(every_us):
    """Reads lists of addresses, a line each; asks those that have not answered for an echo again and again, and says when each answered first."""
    icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    icmp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    icmp.setblocking(False)
    own = os.getpid() & 0xFFFF
    tell({'ready': own})
    for run, line in enumerate(sys.stdin):
        missing, answered = json.loads(line), {}
        body = struct.pack('!HHQ', own, run & 0xFFFF, 0)
        echo = struct.pack('!BBH', 8, 0, checksum(struct.pack('!BBH', 8, 0, 0) + body)) + body
        tell({'asking': len(missing)})
        due = now()
        while missing:
            for address in missing:
                try:
                    icmp.sendto(echo, (address, 0))
                except OSError:
                    pass
            due = max(due + every_us * 1000, now())
            while (left := due - now()) > 0 or select.select([icmp], [], [], 0)[0]:
                if not select.select([icmp], [], [], max(0, left) / 1e9)[0]:
                    break
                packet, (sender, _) = icmp.recvfrom(256)
                if packet[20] == 0 and packet[24:28] == body[:4]:
                    answered.setdefault(sender, now())
            missing = [one for one in missing if one not in answered]
        tell({'answered': answered})


modes = {'accept': accept, 'echo': echo, 'connect': connect, 'ping': ping, 'speak': speak, 'watch': watch, 'reach': reach}
name, *given = sys.argv[1:]
modes[name](*(int(one) if one.isdigit() else one for one in given))
