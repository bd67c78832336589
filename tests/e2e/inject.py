"""Sends frames as they are. Usage: inject.py INTERFACE; frames on stdin, each behind its length in two bytes."""
import socket
import sys

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((sys.argv[1], 0))
source = sys.stdin.buffer
while head := source.read(2):
    frame = source.read(int.from_bytes(head, "big"))
    try:
        wire.send(frame)
    except OSError:
        # Too short to be a frame, too long for the interface, or no room right now.
        pass
