"""Writes a capture of HTTP segments, each of a TCP connection of its own.

Usage: capture.py FILE CONNECTIONS

Frames are 1468 bytes long and in one piece, so that net_pcap can play them in a circle. Addresses and ports of the
clients differ, the order is shuffled: two frames that follow each other have nothing in common but the server.
"""
import random
import struct
import sys

FRAME_BYTES = 1468
CLIENTS_NET = 10 << 24 | 1 << 16
SERVER = bytes([10, 2, 0, 2])
LINK = bytes([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0])


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(number, payload):
    client = struct.pack("!I", CLIENTS_NET + 1 + number // 8)
    port, seq, ack = 20_000 + number, 1_000_003 * number & 0xFFFF_FFFF, 77_777 * number & 0xFFFF_FFFF
    # ACK and PSH, as in the middle of a connection.
    tcp = struct.pack("!HHIIBBHHH", port, 80, seq, ack, 5 << 4, 0x18, 64_000, 0, 0)
    pseudo = client + SERVER + struct.pack("!BBH", 0, 6, len(tcp) + len(payload))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp + payload)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 40 + len(payload), number & 0xFFFF, 0x4000, 64, 6, 0) + client + SERVER
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return LINK + ip + tcp + payload


def main():
    path, count = sys.argv[1], int(sys.argv[2])
    room = FRAME_BYTES - len(LINK) - 40
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: application/json\r\n"
    body = '{"model":"gpt-4o","messages":[{"role":"user","content":"' + "please summarise the report " * 60
    text = f"{head}Content-Length: 4096\r\n\r\n{body}".encode()[:room]
    numbers = list(range(count))
    random.Random(1).shuffle(numbers)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1))
        for number in numbers:
            data = frame(number, text)
            file.write(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)


main()
