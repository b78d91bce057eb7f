"""Sends crafted packets out of the fabric's namespaces, answers those that arrive where they are for, and tells what it saw.

One JSON request a line, one JSON answer a line. It runs inside the fabric's user, network and mount namespaces. Packets are
raw, so that any protocol, port, ICMP type and forged source can be tried; kernels on the way route, filter and translate them.
"""
import ctypes, errno, ipaddress, json, os, select, socket, struct, sys, time

MARK = 0x6B  # what the namespaces' own kernels say goes unmarked and is dropped
TAG = b"\0\0\0\0KEIRO"  # zeros first: a GRE header without options
ETH_P_ALL, IPV6_HDRINCL, SO_MARK, SO_TIMESTAMPNS = 3, 36, 36, 35
PACKET_OUTGOING = 4
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
ICMP_ANSWERS = {8: 0, 13: 14, 15: 16, 17: 18}
ICMPV6_ANSWERS = {128: 129, 139: 140}
NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EINVAL, errno.EPERM)  # nobody sees what a host has no way for
libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    with open(f"/run/netns/{namespace}") as file:
        if libc.setns(file.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def transport(source, destination, protocol, source_port, key, number, payload, answer):
    """The bytes behind the IP header, checksum included."""
    pseudo = source.packed + destination.packed
    if protocol == TCP:
        flags = 0x12 if answer else 0x02
        head = lambda c: struct.pack("!HHIIBBHHH", source_port, key, 1000, 1001 if answer else 0, 0x50, flags, 64000, c, 0)
    elif protocol == UDP:
        head = lambda c: struct.pack("!HHHH", source_port, key, 8 + len(payload), c)
    elif protocol in (ICMP, ICMPV6):
        head = lambda c: struct.pack("!BBHHH", key >> 8, key & 255, c, number & 0xFFFF, 1)
    else:
        return payload
    body = head(0) + payload
    if protocol == ICMP:
        return head(checksum(body)) + payload
    if source.version == 4:
        pseudo += struct.pack("!BBH", 0, protocol, len(body))
    else:
        pseudo += struct.pack("!IHBB", len(body), 0, 0, protocol)
    return head(checksum(pseudo + body) or 0xFFFF) + payload


def packet(source, destination, protocol, source_port, key, number, is_answer):
    payload = TAG + (b"A" if is_answer else b"P") + struct.pack("!I", number)
    body = transport(source, destination, protocol, source_port, key, number, payload, is_answer)
    if source.version == 4:
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0, source.packed, destination.packed) + body
    return struct.pack("!IHBB16s16s", 6 << 28, len(body), protocol, 64, source.packed, destination.packed) + body


def read(data):
    """(source, destination, protocol, source port, key, is answer, number) of one of our packets, else None."""
    at = data.find(TAG)
    if at < 0 or len(data) < at + len(TAG) + 5:
        return None
    if data[0] >> 4 == 4:
        source, destination = ipaddress.ip_address(data[12:16]), ipaddress.ip_address(data[16:20])
        protocol, offset = data[9], (data[0] & 15) * 4
    else:
        source, destination = ipaddress.ip_address(data[8:24]), ipaddress.ip_address(data[24:40])
        protocol, offset = data[6], 40
    if protocol in (ICMP, ICMPV6) and (data[offset] in (3, 11, 12) if protocol == ICMP else data[offset] < 128):
        return None  # an error about our packet
    source_port = key = 0
    if protocol in (TCP, UDP):
        source_port, key = struct.unpack("!HH", data[offset : offset + 4])
    elif protocol in (ICMP, ICMPV6):
        key = data[offset] * 256 + data[offset + 1]
    end = at + len(TAG)
    return source, destination, protocol, source_port, key, data[end : end + 1] == b"A", struct.unpack("!I", data[end + 1 : end + 5])[0]


class Place:
    """The sockets in one namespace."""

    def __init__(self, spec):
        enter(spec["namespace"])
        self.devices = spec["devices"]  # device name → interface id; absent devices count as the place itself
        self.name = spec["name"]
        self.own = [ipaddress.ip_network(one) for one in spec.get("own", [])]
        self.not_own = [ipaddress.ip_network(one) for one in spec.get("notOwn", [])]
        self.is_internet = spec.get("isInternet", False)
        self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.tap.setblocking(False)
        self.raw4 = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.raw6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.raw6.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
        for raw in (self.raw4, self.raw6):
            raw.setsockopt(socket.SOL_SOCKET, SO_MARK, MARK)

    def send(self, data, destination):
        raw = self.raw4 if destination.version == 4 else self.raw6
        try:
            raw.sendto(data, (str(destination), 0))
        except OSError as error:
            if error.errno not in NO_WAY:
                raise

    def answers(self, destination):
        if self.is_internet:
            return not any(destination in net for net in self.not_own)
        return any(destination in net for net in self.own)

    def close(self):
        for one in (self.tap, self.raw4, self.raw6):
            one.close()


class Run:
    def __init__(self, request):
        self.places = {spec["name"]: Place(spec) for spec in request["places"]}
        self.by_tap = {place.tap: place for place in self.places.values()}
        self.probes = {probe["id"]: probe for probe in request["probes"]}
        self.seen = {number: [] for number in self.probes}
        self.home = {number: False for number in self.probes}

    def drain(self, timeout):
        ready, _, _ = select.select(list(self.by_tap), [], [], timeout)
        for tap in ready:
            for _ in range(256):
                try:
                    data, control, _, address = tap.recvmsg(2048, 64)
                except BlockingIOError:
                    break
                if address[2] != PACKET_OUTGOING and address[0] != "lo":
                    self.arrived(self.by_tap[tap], address[0], data, struct.unpack("qq", control[0][2]))
        return bool(ready)

    def arrived(self, place, device, data, when):
        found = read(data)
        if found is None or found[6] not in self.probes:
            return
        source, destination, protocol, source_port, key, is_answer, number = found
        asked = self.probes[number]["key"] >> 8
        if protocol in (ICMP, ICMPV6) and (ICMP_ANSWERS if protocol == ICMP else ICMPV6_ANSWERS).get(asked) == key >> 8:
            is_answer = True  # also when the platform's kernel echoes our words
        if is_answer:
            self.home[number] = self.home[number] or self.is_home(place, self.probes[number], found)
            return
        if place.is_internet and not place.answers(destination):
            return  # on its way to another network
        self.seen[number].append((when, place.devices.get(device, place.name)))
        if place.answers(destination):
            self.answer(place, source, destination, protocol, source_port, key, number)

    def answer(self, place, source, destination, protocol, source_port, key, number):
        if protocol in (ICMP, ICMPV6):
            kind = (ICMP_ANSWERS if protocol == ICMP else ICMPV6_ANSWERS).get(key >> 8)
            if kind is None:
                return
            back = packet(destination, source, protocol, 0, kind * 256, number, True)
        else:
            back = packet(destination, source, protocol, key, source_port, number, True)
        place.send(back, source)

    def is_home(self, place, probe, found):
        source, destination, protocol, source_port, key, _, _ = found
        if place.name != probe["place"] or str(source) != probe["destination"] or str(destination) != probe["source"]:
            return False
        return protocol not in (TCP, UDP) or (source_port == probe["key"] and key == probe["sourcePort"])

    def go(self, deadline_s, quiet_s):
        for count, (number, probe) in enumerate(self.probes.items()):
            source, destination = ipaddress.ip_address(probe["source"]), ipaddress.ip_address(probe["destination"])
            data = packet(source, destination, probe["protocol"], probe["sourcePort"], probe["key"], number, False)
            self.places[probe["place"]].send(data, destination)
            if count % 8 == 7:
                self.drain(0)
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            if self.drain(quiet_s):
                continue
            if all(len(self.seen[n]) >= p["expectedSeen"] and self.home[n] >= p["expectedHome"] for n, p in self.probes.items()):
                break  # all that should come has come, and nothing else for a while
        for place in self.places.values():
            place.close()
        return [{"id": number, "seen": [name for _, name in sorted(self.seen[number])], "isHome": self.home[number]} for number in self.probes]


stamped = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
stamped.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)  # the kernel begins to stamp packets a little after the first one asks; keep it on

for line in sys.stdin:
    request = json.loads(line)
    sys.stdout.write(json.dumps(Run(request).go(request["deadlineS"], request["quietS"])) + "\n")
    sys.stdout.flush()
