"""The jailed program: labels in, facts out, until the host closes the pipe.

Started as ``python -I -S -B sandbox SITE [MODE]``, where SITE is the folder that holds RestrictedPython and MODE is
``persistent`` or ``fork-per-row``. Two more modes, of probe.py, are for `guidex doctor`. README.md beside this file
describes the frames.
"""

import os
import sys

import service


def load(site: str) -> service.Answer:
    """Load everything that reading labels needs, and forget where it came from."""
    sys.path.append(site)
    try:
        import reading
    finally:
        sys.path.remove(site)
    reading.warm_up()
    return reading.answer


def main() -> None:
    """Do what the arguments say."""
    match sys.argv[1:]:
        case [site] | [site, "persistent"]:
            service.serve_persistent(load(site), service.claim_pipes())
        case [site, "fork-per-row"]:
            service.serve_forked(load(site), service.claim_pipes())
        case [_, "describe"]:
            import probe

            probe.describe()
        case [_, "attempt", name, target, *layers]:
            import probe

            probe.attempt(name, target, layers)
        case unknown:
            sys.exit(f"the jail cannot be started with {unknown!r}")
    # Python's own ending would knock at closed doors.
    os._exit(0)


if __name__ == "__main__":
    main()
