"""Sends requests at fixed times on kept connections, and prints p50 and p99 of their latency in microseconds.

Usage: load.py ADDRESS PORT CONNECTIONS RATE SETTLE SECONDS

An open loop: a request is due when it is due, whatever became of those before it, and its time counts from then on. Of
the first SETTLE seconds nothing is counted. Exit 1 if an answer was no 200 or the load was not carried.
"""
import ctypes
import gc
import select
import socket
import sys
import time
from collections import deque

PR_SET_TIMERSLACK = 29


def request():
    text = '{"model":"gpt-4o","temperature":0.2,"stream":false,"messages":[{"role":"user","content":"'
    text += "please summarise the report from last week and list every open question " * 40
    body = text[:2044] + '"}]}'
    return (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nUser-Agent: OpenAI/Python 1.50.0\r\n"
        "Accept: application/json\r\nContent-Type: application/json\r\nAuthorization: Bearer token-of-mine\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def connect(address, port):
    connection = socket.create_connection((address, port), timeout=5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def is_whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    return end and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])


def main():
    address, port, connections, rate, settle, seconds = sys.argv[1], *map(int, sys.argv[2:])
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1)
    gc.disable()
    message, interval = request(), 1 / rate
    idle = deque(connect(address, port) for _ in range(connections))
    busy, waiting, times, refused = {}, deque(), [], 0
    start = time.perf_counter() + 0.01
    number, total = 0, (settle + seconds) * rate
    counted_from, give_up_at = settle * rate, start + settle + seconds + 5
    while number < total or waiting or busy:
        now = time.perf_counter()
        while number < total and start + number * interval <= now:
            waiting.append(number)
            number += 1
        while waiting and idle:
            connection, due = idle.popleft(), waiting.popleft()
            connection.sendall(message)
            busy[connection] = due, b""
        until = start + number * interval - time.perf_counter() if number < total else 1
        readable, _, _ = select.select(list(busy), (), (), max(until, 0))
        for connection in readable:
            due, answer = busy[connection]
            answer += connection.recv(65536)
            if not answer:
                sys.exit("load: the server closed a connection")
            if not is_whole(answer):
                busy[connection] = due, answer
                continue
            if due >= counted_from:
                times.append(time.perf_counter() - start - due * interval)
                refused += not answer.startswith(b"HTTP/1.1 200")
            del busy[connection]
            idle.append(connection)
        if now > give_up_at:
            sys.exit(f"load: not carried: {len(times)} of {total - counted_from} answers")
    if refused:
        sys.exit(f"load: {refused} answers were no 200")
    times.sort()
    print(*(round(times[int(len(times) * share)] * 1e6) for share in (0.5, 0.99)))


main()
