"""Carries frames between a TAP interface and two datagram sockets. Usage: tap.py INTERFACE FROM-KERNEL TO-KERNEL

Prints "ready" once both ways are open; ends with its standard input.
"""
import fcntl
import os
import signal
import socket
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
name, from_kernel, to_kernel = sys.argv[1:]
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
ways = [os.fork(), 0]
if ways[0] == 0:
    frames = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    frames.bind(to_kernel)
    while True:
        os.write(tap, frames.recv(2048))
ways[1] = os.fork()
if ways[1] == 0:
    frames = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    frames.connect(from_kernel)
    while True:
        frames.send(os.read(tap, 2048))
while not os.path.exists(to_kernel):
    pass
print("ready", flush=True)
sys.stdin.read()
for way in ways:
    os.kill(way, signal.SIGKILL)
