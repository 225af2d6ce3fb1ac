#!/usr/bin/python3
"""Follows the messages of mpushd under a name (/usr/share/doc/mpushd/docs/api.md): acknowledges each when it has been dealt
with, and comes back after an interruption to those that are not acknowledged.

    follow.py NAME

The name begins with the first run: it gets what comes from then on. MPUSHD_SOCKET is the daemon's socket, where it is not
/run/mpushd/mpushd.sock; whoever runs this has to be in the group that may make changes.
"""

import http.client
import json
import os
import socket
import sys
import time

SOCKET = os.environ.get("MPUSHD_SOCKET", "/run/mpushd/mpushd.sock")
# The daemon sends a line every 30 s at least.
SILENCE = 90
LONGEST_WAIT = 60


def deal_with(message):
    """Yours. When it returns, the message is acknowledged; when it raises an exception, the message comes again."""
    content = message["content"] if "content" in message else message["content_base64"]
    print(f"{message['identity']}: {content}", flush=True)


class Connection(http.client.HTTPConnection):
    """A connection to the daemon's socket."""

    def __init__(self):
        super().__init__("mpushd", timeout=SILENCE)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


class Passing(Exception):
    """Something that may be over soon."""


def ask(method, path, body=None):
    """Returns the connection, which has to be closed, and the answer. Ends the program where asking again is of no use."""
    connection = Connection()
    try:
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        if answer.status == 200:
            return connection, answer
        text = answer.read(65536).decode(errors="replace")
    except BaseException:
        connection.close()
        raise
    connection.close()
    if answer.status < 500:
        sys.exit(f"mpushd refuses: {text}")
    raise Passing(text)


def acknowledge(name, position):
    connection, answer = ask("POST", f"/v1/consumers/{name}/acks", {"positions": [position]})
    answer.read()
    connection.close()


def follow(name):
    """Deals with messages until the stream ends. Yields after each."""
    connection, answer = ask("GET", f"/v1/messages/follow?consumer={name}")
    try:
        while line := answer.readline():
            message = json.loads(line)
            if "end" in message:
                raise Passing(message["end"])
            if "position" in message:
                deal_with(message)
                acknowledge(name, message["position"])
            yield
    finally:
        connection.close()


def main(name):
    wait = 1
    while True:
        try:
            for _ in follow(name):
                wait = 1
            reason = "mpushd has gone"
        except KeyboardInterrupt:
            return
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        print(f"{reason}; again in {wait} s", file=sys.stderr, flush=True)
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} NAME")
    main(sys.argv[1])
