#!/usr/bin/python3
"""Packets made by hand, sent from an instance's device: `raw.py NAME ARGUMENT…`. And who listens for them: `raw.py listen SECONDS`."""
import json
import os
import socket
import struct
import sys
import time

IPV4, ARP = 0x0800, 0x0806
BROADCAST = b"\xff" * 6


def read(path):
    with open(path) as file:
        return file.read().strip()


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def own():
    return mac(read("/sys/class/net/eth0/address")) if os.path.exists("/sys/class/net/eth0") else own_by_ip()


def own_by_ip():
    return mac(os.popen("cat /proc/net/dev >/dev/null; ip -o link show eth0").read().split("link/ether ")[1].split()[0])


def router():
    return mac(os.popen("ip neigh show").read().split("lladdr ")[1].split()[0])


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip(source, destination, protocol, body, number=7, offset=0, more=False, header_bytes=20):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), number, (offset // 8) | (0x2000 if more else 0), 64, protocol, 0, socket.inet_aton(source), socket.inet_aton(destination))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def transport(source, destination, protocol, body, at):
    pseudo = socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack("!BBH", 0, protocol, len(body))
    return body[:at] + struct.pack("!H", checksum(pseudo + body)) + body[at + 2 :]


def udp(source, destination, port, data, source_port=4000):
    body = struct.pack("!HHHH", source_port, port, 8 + len(data), 0) + data
    return transport(source, destination, 17, body, 6)


def tcp(source, destination, port, flags, source_port=4000):
    body = struct.pack("!HHIIBBHHH", source_port, port, 1000, 2000, 0x50, flags, 1024, 0, 0)
    return transport(source, destination, 6, body, 16)


def send(frames, source_mac=None):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind(("eth0", 0))
        for kind, payload in frames:
            s.send((BROADCAST if kind == ARP else router()) + (source_mac or own()) + struct.pack("!H", kind) + payload)


def announce(address, target_mac=BROADCAST):
    """Gratuitous ARP, as a question and as an answer."""
    who = socket.inet_aton(address)
    return [(ARP, struct.pack("!HHBBH6s4s6s4s", 1, IPV4, 6, 4, kind, own(), who, target_mac, who)) for kind in (1, 2)]


def pieces(packets):
    return [(IPV4, packet) for packet in packets]


def fragmented(source, destination, port, size, step, number, overlap=False):
    datagram = udp(source, destination, port, b"f" * size)
    parts = []
    for offset in range(0, len(datagram), step):
        end = min(offset + step, len(datagram))
        parts.append(ip(source, destination, 17, datagram[offset:end], number, offset, end < len(datagram)))
        if overlap and offset == 0:
            other = udp(source, destination, 9999, b"o" * size)
            parts.append(ip(source, destination, 17, other[0 : step], number, 0, True))
    return pieces(parts)


FLAGS = {"null": 0, "fin": 1, "syn": 2, "syn+fin": 3, "rst": 4, "ack": 16, "syn+ack": 18, "fin+ack": 17, "xmas": 41, "all": 63, "syn+rst": 6}


def listen(seconds):
    """Tells every IPv4 packet that comes to this device, once."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(IPV4)) as s:
        s.bind(("eth0", IPV4))
        print("listening", flush=True)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            s.settimeout(max(0.01, end - time.monotonic()))
            try:
                data, (_, _, kind, _, _) = s.recvfrom(65536)
            except TimeoutError:
                break
            if kind == socket.PACKET_OUTGOING:
                continue
            protocol, source = data[9], socket.inet_ntoa(data[12:16])
            rest = data[(data[0] & 15) * 4 :]
            offset = (struct.unpack("!H", data[6:8])[0] & 0x1FFF) * 8
            port = struct.unpack("!H", rest[2:4])[0] if protocol in (6, 17) and offset == 0 and len(rest) >= 4 else 0
            flags = rest[13] if protocol == 6 and offset == 0 and len(rest) > 13 else 0
            print(json.dumps({"protocol": protocol, "source": source, "port": port, "flags": flags, "size": len(data), "offset": offset}), flush=True)


def main(name, *words):
    if name == "listen":
        listen(float(words[0]))
    elif name == "announce":
        send(announce(words[0]) * 20)
    elif name == "udp":  # SOURCE DESTINATION PORT [MAC]
        source, destination, port = words[0], words[1], int(words[2])
        send(pieces([ip(source, destination, 17, udp(source, destination, port, b"u"))]), mac(words[3]) if len(words) > 3 else None)
    elif name == "flags":  # SOURCE DESTINATION PORT
        source, destination, port = words[0], words[1], int(words[2])
        send(pieces([ip(source, destination, 6, tcp(source, destination, port + at, flags)) for at, flags in enumerate(FLAGS.values())]))
    elif name == "fragments":  # SOURCE DESTINATION PORT SIZE STEP NUMBER [overlap|last-only]
        source, destination = words[0], words[1]
        port, size, step, number = map(int, words[2:6])
        frames = fragmented(source, destination, port, size, step, number, "overlap" in words)
        send(frames[1:] if "last-only" in words else frames)


main(*sys.argv[1:])
