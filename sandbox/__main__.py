"""The jailed program: read a frame, read the labels in it, write the facts, until the host closes the pipe.

Started as ``python -I -S -B sandbox SITE``, where SITE is the folder that holds RestrictedPython. Frames are
a 4-byte big-endian length and that many bytes of UTF-8 JSON, in both directions.
"""

import json
import os
import struct
import sys

FRAME_LIMIT = 4 * 1024 * 1024


def read_exactly(descriptor: int, length: int) -> bytes | None:
    """Read a number of bytes, or None where the host has closed the pipe before the first."""
    pieces = []
    while length > 0:
        piece = os.read(descriptor, min(length, 65536))
        if not piece:
            return None
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all bytes, however the pipe cuts them."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def write_frame(descriptor: int, reply: object) -> None:
    """Write one reply; a lone surrogate travels as its JSON escape."""
    body = json.dumps(reply, allow_nan=False, separators=(",", ":")).encode("ascii")
    write_all(descriptor, struct.pack(">I", len(body)) + body)


def serve(source: int, sink: int) -> None:
    """Answer requests until the pipe is closed. No state of one request reaches the next."""
    import lockdown
    import policy

    resource = lockdown.load_resource()
    write_frame(sink, {"status": "ready", "level": lockdown.close(resource)})
    while True:
        head = read_exactly(source, 4)
        if head is None:
            return
        length = struct.unpack(">I", head)[0]
        body = read_exactly(source, length) if length <= FRAME_LIMIT else None
        if body is None:
            return
        lockdown.allow_cpu(resource)
        try:
            request = json.loads(body)
            reply = policy.read(request["source"], request["classes"], request["enums"])
        except MemoryError:
            reply = {"status": "memory"}
        except RecursionError:
            reply = {
                "status": "refused",
                "refusals": [{"construct": "too deep a nesting", "limit": True, "place": None}],
            }
        write_frame(sink, reply)


def main() -> None:
    """Import what is needed, forget where it came from, and serve on the standard pipes."""
    site = sys.argv[1]
    sys.path.append(site)
    try:
        import policy  # noqa: F401  loads RestrictedPython while its folder can still be found
    finally:
        sys.path.remove(site)
    serve(0, 1)


if __name__ == "__main__":
    main()
