"""Types at a shell: python3 tabs.py SETUP SHELL [ARGUMENT...]

Starts the shell on a terminal, has it do SETUP, and then types each line of stdin,
which is a JSON array, and Enter. SETUP must set the prompt to <READY>, and each line must
print another one that begins with "ran". Prints what was on the screen for each line, as
a JSON array.
"""

import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PATIENCE = 20  # seconds, for one line
READY, RAN = b"<READY>", b"\nran.*?"
ROWS, COLUMNS = 500, 200  # so that no list is shown a page at a time


def main():
    setup, shell = sys.argv[1], sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(shell[0], shell)
    size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
    unseen = b""

    def seen(pattern):
        """What was on the screen, once the pattern is."""
        nonlocal unseen
        end = time.monotonic() + PATIENCE
        while (found := re.search(pattern, unseen, re.DOTALL)) is None:
            left = max(0, end - time.monotonic())
            if not select.select([terminal], [], [], left)[0]:
                sys.exit(f"{shell[0]} does not get ready: {unseen}")
            unseen += os.read(terminal, 65536)
        screen, unseen = unseen[: found.end()], unseen[found.end() :]
        return screen.decode().replace("\r", "")

    def type_line(keys, pattern):
        os.write(terminal, keys.encode() + b"\n")
        return seen(pattern)

    type_line(setup, READY)
    # where a list was shown, the prompt is there once more before
    print(json.dumps([type_line(keys, RAN + READY) for keys in json.load(sys.stdin)]))
    os.close(terminal)
    os.waitpid(pid, 0)


main()
