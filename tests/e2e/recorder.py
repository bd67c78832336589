"""A server that keeps every byte it is sent: the judge of what got out.

recorder.py ADDRESS PORT FILE: answers HTTP/1.1 requests with a small chat completion and appends what comes to FILE.
"""

import socket
import sys
import threading

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


def serve(connection, sink, lock):
    pending = b""
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
            pending = b"" if length < 0 else pending[length:]
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
            connection.sendall(head + ANSWER)


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
    address, port, path = sys.argv[1:]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    lock = threading.Lock()
    with socket.socket(family) as listener, open(path, "ab") as sink:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, int(port)))
        listener.listen(128)
        print("listening", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, sink, lock), daemon=True).start()


main()
