"""Clients that no library is: odd splits, odd records, odd ends.

tls_client.py MODE ADDRESS PORT NAME CA [...]: prints what happened in one line.
"""

import os
import socket
import ssl
import struct
import sys
import time

MODE, ADDRESS, PORT, NAME, CA = sys.argv[1:6]
REST = sys.argv[6:]
REQUEST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


def context():
    made = ssl.create_default_context(cafile=CA)
    made.keylog_filename = None
    return made


def connect():
    connection = socket.create_connection((ADDRESS, int(PORT)), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def request(body):
    return REQUEST % (NAME.encode(), len(body), body)


def chat(text):
    return b'{"model":"gpt-4o","messages":[{"role":"user","content":"%s"}]}' % text.encode()


def read_answer(read):
    """A whole answer with a Content-Length, or what there is."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = read()
        if not piece:
            return got
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        piece = read()
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


class Pieces:
    """A TLS client over a socket whose first flight leaves as `cut` makes it."""

    def __init__(self, cut):
        self.inward, self.outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context().wrap_bio(self.inward, self.outward, server_hostname=NAME)
        self.socket = connect()
        self.cut = cut
        self.first = True

    def flush(self):
        data = self.outward.read()
        if data and self.first:
            self.first = False
            for piece in self.cut(data):
                self.socket.sendall(piece)
        elif data:
            self.socket.sendall(data)

    def run(self, step):
        while True:
            try:
                result = step()
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.socket.recv(65536)
                if not data:
                    self.inward.write_eof()
                else:
                    self.inward.write(data)

    def handshake(self):
        self.run(self.tls.do_handshake)

    def write(self, data):
        self.run(lambda: self.tls.write(data))

    def read(self):
        try:
            return self.run(lambda: self.tls.read(65536))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""


def segments(size):
    def cut(data):
        for start in range(0, len(data), size):
            yield data[start:start + size]
            if size > 1 or start % 16 == 0:
                time.sleep(0.001)

    return cut


def records(size):
    def cut(data):
        kind, version, length = data[:1], data[1:3], int.from_bytes(data[3:5], "big")
        hello, rest = data[5:5 + length], data[5 + length:]
        out = b""
        for start in range(0, len(hello), size):
            piece = hello[start:start + size]
            out += kind + version + len(piece).to_bytes(2, "big") + piece
        yield out + rest

    return cut


def main():
    if MODE in ("segments", "records"):
        client = Pieces({"segments": segments, "records": records}[MODE](int(REST[0])))
        client.handshake()
        client.write(request(chat(REST[1])))
        answer = read_answer(client.read)
        print(client.tls.version(), answer.split(b"\r\n")[0].decode())
    elif MODE == "resume":
        made, session, reused = context(), None, []
        if REST and REST[0] == "1.2":
            made.maximum_version = ssl.TLSVersion.TLSv1_2
        for _ in range(3):
            with made.wrap_socket(connect(), server_hostname=NAME, session=session) as tls:
                tls.sendall(request(chat("again")))
                answer = read_answer(lambda: tls.recv(65536))
                assert b"200 OK" in answer, answer
                session = tls.session
                reused.append(tls.session_reused)
        print(reused)
    elif MODE == "keepalive":
        count = int(REST[0])
        with context().wrap_socket(connect(), server_hostname=NAME) as tls:
            for number in range(count):
                tls.sendall(request(chat(f"question {number}")))
                answer = read_answer(lambda: tls.recv(65536))
                assert b"200 OK" in answer.split(b"\r\n")[0], answer
            tls.sendall(request(chat(REST[1])))
            answer = read_answer(lambda: tls.recv(65536))
        print(count, answer.split(b"\r\n")[0].decode())
    elif MODE == "splits":
        # The request in pieces of random sizes, each its own record and mostly its own segment.
        import random

        random.seed(int(REST[0]))
        body = chat("x" * int(REST[1]) + " " + REST[2] + " " + "y" * int(REST[1]))
        data = request(body)
        with context().wrap_socket(connect(), server_hostname=NAME) as tls:
            try:
                while data:
                    size = random.choice([1, 7, 100, 1400, 5000, 16384, 60000])
                    tls.sendall(data[:size])
                    data = data[size:]
                answer = read_answer(lambda: tls.recv(65536))
            except OSError as error:
                answer = repr(error).encode()
        print(answer.split(b"\r\n")[0].decode())
    elif MODE == "end":
        # What the client sees of the connection's end behind an answer.
        made = context()
        made.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        with made.wrap_socket(connect(), server_hostname=NAME, suppress_ragged_eofs=False) as tls:
            tls.sendall(request(chat(REST[0])))
            answer = read_answer(lambda: tls.recv(65536))
            status = answer.split(b"\r\n")[0].decode()
            try:
                rest = tls.recv(65536)
                print(status, "closed" if rest == b"" else "more")
            except ssl.SSLEOFError:
                print(status, "truncated")
            except OSError as error:
                print(status, type(error).__name__)
    elif MODE == "reset":
        # Half of a request, and then a reset.
        data = request(chat("x" * 2000))
        tls = context().wrap_socket(connect(), server_hostname=NAME)
        tls.sendall(data[:1000])
        time.sleep(0.3)
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        tls.close()
        print("reset")
    elif MODE == "half":
        # All there is to say, and then only listening: in TLS, and in plain text.
        if REST[0] == "tls":
            client = Pieces(lambda data: [data])
            client.handshake()
            client.write(request(chat("the end")))
            try:
                client.tls.unwrap()
            except ssl.SSLError:
                pass
            client.flush()
            plain, read = client.socket, client.read
        else:
            plain = connect()
            plain.sendall(request(chat("the end")))
            read = lambda: plain.recv(65536)
        plain.shutdown(socket.SHUT_WR)
        answer = read_answer(read)
        print(answer.split(b"\r\n")[0].decode(), "closed" if read() == b"" else "more")
    elif MODE == "stay":
        # A request, and another one on the same connection when a file appears.
        tls = context().wrap_socket(connect(), server_hostname=NAME, suppress_ragged_eofs=False)
        tls.sendall(request(chat("the first")))
        assert b"200 OK" in read_answer(lambda: tls.recv(65536))
        print("first", flush=True)
        while not os.path.exists(REST[0]):
            time.sleep(0.05)
        begun = time.monotonic()
        try:
            tls.sendall(request(chat("the second")))
            outcome = read_answer(lambda: tls.recv(65536)).split(b"\r\n")[0].decode() or "end"
        except OSError as error:
            outcome = f"broken: {type(error).__name__}"
        print(outcome, "at once" if time.monotonic() - begun < 5 else "late")
    elif MODE == "on":
        # Requests on one connection, five a second for so many seconds, and what ended that before.
        tls = context().wrap_socket(connect(), server_hostname=NAME, suppress_ragged_eofs=False)
        begun, outcome = time.monotonic(), "open"
        while outcome == "open" and time.monotonic() - begun < float(REST[0]):
            try:
                tls.sendall(request(chat("and on")))
                answer = read_answer(lambda: tls.recv(65536))
                outcome = "open" if b" 200 OK" in answer else "ended"
            except OSError:
                outcome = "ended"
            print("asked", flush=True)
            time.sleep(0.2)
        print(outcome, flush=True)
    elif MODE == "stop":
        # Handshakes that stop halfway: connections that send so many bytes of a hello and then nothing.
        count, size = int(REST[0]), int(REST[1])
        inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context().wrap_bio(inward, outward, server_hostname=NAME)
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        hello = outward.read()[:size]
        open_ones = []
        for _ in range(count):
            connection = connect()
            connection.sendall(hello)
            open_ones.append(connection)
        print("open", flush=True)
        time.sleep(float(REST[2]))
        print(len(open_ones))
    else:
        sys.exit(f"no mode {MODE}")


main()
