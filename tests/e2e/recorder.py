"""A server that keeps every byte it is sent: the judge of what got out.

recorder.py ADDRESS PORT FILE [CERTIFICATE KEY [CLIENT_CA]]: answers HTTP/1.1 requests with a small chat completion and
appends what comes to FILE; with a certificate over TLS, then what stood in TLS is kept. /bytes/N answers with N bytes,
/length with how many came; /eof with an answer that ends with the connection, of which it goes on to read the other
half; /reset, and /cut in the middle of an answer, with a reset; /leak with a stream in which a number is that must not be.
"""

import hashlib
import socket
import ssl
import struct
import sys
import threading
import time

ANSWER = (
    b'{"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant",'
    b'"content":"hello"}}],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}'
)


def body_length(head):
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
        if name.lower() == b"transfer-encoding":
            return -1
    return 0


STREAM = (
    b'data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"hel"}}]}\n\n',
    b'data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"lo"}}]}\n\n',
    b'data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[],"usage":'
    b'{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}\n\n',
    b"data: [DONE]\n\n",
)


def stream(connection, events):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for event in events:
        connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
        time.sleep(0.02)
    connection.sendall(b"0\r\n\r\n")


def answer(connection, target, body):
    """Answers one request."""
    if target.startswith(b"/bytes/"):
        left = int(target[7:])
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % left)
        block = bytes(range(256)) * 256
        while left:
            connection.sendall(block[:left])
            left -= min(left, len(block))
        return
    if target == b"/leak":
        stream(connection, (STREAM[0].replace(b"hel", word) for word in (b"Hello. ", b"It is ", b"536-90-4399", b", bye.")))
        return
    if target in (b"/reset", b"/cut"):
        if target == b"/cut":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\nhalf of it")
            time.sleep(0.2)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        return
    if target == b"/eof":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nup to the end")
        connection.shutdown(socket.SHUT_WR)
        return
    kind, text = b"application/json", ANSWER
    if target == b"/length":
        text = b"%d %s" % (len(body), hashlib.sha256(body).hexdigest().encode())
    elif b'"stream":true' in body.replace(b" ", b""):
        stream(connection, STREAM)
        return
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(text)) + text)


def serve(connection, sink, lock, context):
    if context:
        try:
            connection = context.wrap_socket(connection, server_side=True)
        except OSError:
            return
    pending = bytearray()
    with connection:
        while True:
            while b"\r\n\r\n" not in pending:
                piece = read(connection, sink, lock)
                if not piece:
                    return
                pending += piece
            head, _, pending = pending.partition(b"\r\n\r\n")
            length = body_length(head)
            if b"100-continue" in head.lower():
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            while (length < 0 and not pending.endswith(b"0\r\n\r\n")) or len(pending) < length:
                piece = read(connection, sink, lock)
                if not piece:
                    return
                pending += piece
            body, pending = (pending, bytearray()) if length < 0 else (pending[:length], pending[length:])
            answer(connection, bytes(head.split(b" ")[1]), body)


def read(connection, sink, lock):
    try:
        piece = connection.recv(65536)
    except OSError:
        return b""
    with lock:
        sink.write(piece)
        sink.flush()
    return piece


def main():
    address, port, path, *certificate = sys.argv[1:]
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # A weak certificate is for others to refuse.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(*certificate[:2])
        for authority in certificate[2:]:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(authority)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    lock = threading.Lock()
    with socket.socket(family) as listener, open(path, "ab") as sink:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, int(port)))
        listener.listen(128)
        print("listening", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, sink, lock, context), daemon=True).start()


main()
