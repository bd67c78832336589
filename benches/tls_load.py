"""TLS clients for the benchmarks: many connections at once, no session resumed.

Usage: tls_load.py new ADDRESS PORT CA COUNT PARALLEL
       tls_load.py keep ADDRESS PORT CA CONNECTIONS RATE SETTLE SECONDS

`new` opens COUNT connections, PARALLEL at a time, with one request each, and prints how many a second there were. `keep`
opens CONNECTIONS, says `open`, and then sends RATE requests a second on them in turn, an open loop: it prints the p50 and
p99 of their latency in microseconds, not of the first SETTLE seconds, and how many requests were answered by a 200 on how
many connections. Exit 1 if one was not answered so. With PROXY=ADDRESS:PORT in the environment connections go through a proxy
that takes CONNECT.
"""
import asyncio
import gc
import os
import ssl
import sys
import time

NAME = "api.openai.com"
PROXY = os.environ.get("PROXY")
# Opened at once: a second's worth of what one address may open through the gateway is 500.
OPENING = 16


def request():
    text = '{"model":"gpt-4o","temperature":0.2,"stream":false,"messages":[{"role":"user","content":"'
    text += "please summarise the report from last week and list every open question " * 40
    body = text[:2044] + '"}]}'
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {NAME}\r\nUser-Agent: OpenAI/Python 1.50.0\r\n"
        "Accept: application/json\r\nContent-Type: application/json\r\nAuthorization: Bearer token-of-mine\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


MESSAGE = request()


class Connection:
    def __init__(self, address, port, context):
        self.to, self.context = (address, port), context

    async def open(self):
        if PROXY:
            self.reader, self.writer = await asyncio.open_connection(*PROXY.split(":"))
            self.writer.write(f"CONNECT {NAME}:443 HTTP/1.1\r\nHost: {NAME}:443\r\n\r\n".encode())
            head = await self.reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head:
                sys.exit(f"load: the proxy said {head!r}")
            await self.writer.start_tls(self.context, server_hostname=NAME)
            return
        self.reader, self.writer = await asyncio.open_connection(*self.to, ssl=self.context, server_hostname=NAME)

    async def ask(self):
        self.writer.write(MESSAGE)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await self.reader.readexactly(length)
        return head.startswith(b"HTTP/1.1 200")

    def close(self):
        self.writer.close()


async def new(connect, count, parallel):
    left, refused = count, 0

    async def work():
        nonlocal left, refused
        while left > 0:
            left -= 1
            connection = connect()
            await connection.open()
            refused += not await connection.ask()
            connection.close()

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(parallel)))
    if refused:
        sys.exit(f"load: {refused} answers were no 200")
    print(round(count / (time.perf_counter() - start)))


async def keep(connect, count, rate, settle, seconds):
    connections = [connect() for _ in range(count)]
    for first in range(0, count, OPENING):
        await asyncio.gather(*(connection.open() for connection in connections[first : first + OPENING]))
    print("open", flush=True)
    gc.collect()
    gc.disable()
    idle, times, answered, refused = asyncio.Queue(), [], 0, 0
    for connection in connections:
        idle.put_nowait(connection)
    start, total = time.perf_counter() + 0.01, (settle + seconds) * rate

    async def ask(number):
        nonlocal answered, refused
        connection = await idle.get()
        good = await connection.ask()
        answered, refused = answered + good, refused + (not good)
        if number >= settle * rate:
            times.append(time.perf_counter() - start - number / rate)
        idle.put_nowait(connection)

    asked = []
    for number in range(total):
        pause = start + number / rate - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        asked.append(asyncio.create_task(ask(number)))
    await asyncio.wait_for(asyncio.gather(*asked), 30)
    times.sort()
    p50, p99 = (round(times[int(len(times) * share)] * 1e6) for share in (0.5, 0.99))
    print(p50, p99, answered, count, flush=True)
    if refused:
        sys.exit(f"load: {refused} answers were no 200")


def main():
    mode, address, port, authority = sys.argv[1:5]
    context = ssl.create_default_context(cafile=authority)
    connect = lambda: Connection(address, int(port), context)
    asyncio.run({"new": new, "keep": keep}[mode](connect, *map(int, sys.argv[5:])))


main()
