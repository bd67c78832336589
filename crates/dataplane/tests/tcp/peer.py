"""One end of a TCP connection, the kernel's: sends a file, reads until the end, prints what it took.

Usage: peer.py serve|connect ADDRESS PORT FILE-TO-SEND FILE-TO-WRITE
Prints the seconds from the open connection to the end of what came, and the kernel's view of the connection.
"""
import socket
import sys
import threading
import time

TCP_CONGESTION, TCP_INFO = 13, 11
role, address, port, source, target = sys.argv[1:]
text = open(source, "rb").read()
if role == "serve":
    listener = socket.create_server((address, int(port)))
    listener.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, b"cubic")
    listener.settimeout(30)
    print("ready", flush=True)
    wire, _ = listener.accept()
else:
    wire = socket.socket()
    wire.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, b"cubic")
    wire.settimeout(30)
    wire.connect((address, int(port)))
wire.settimeout(None)
begin = time.monotonic()


def send():
    wire.sendall(text)
    wire.shutdown(socket.SHUT_WR)


sender = threading.Thread(target=send)
sender.start()
received = bytearray()
while piece := wire.recv(1 << 20):
    received += piece
seconds = time.monotonic() - begin
sender.join()
options = wire.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 192)[5]
open(target, "wb").write(received)
print(f"{seconds:.4f} {options}", flush=True)
