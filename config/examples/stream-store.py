#!/usr/bin/python3
"""Stores messages in an SQLite database, for a stream route of mpushd (/usr/share/doc/mpushd/docs/STREAM.md).

    [[route]]
    name = "store"
    stream = ["/usr/bin/python3", "/usr/share/doc/mpushd/examples/stream-store.py", "/var/lib/mpushd/store.db"]

All messages that are there are stored in one transaction, and answered for when they are on the disk. A message that comes a
second time is stored once. A database that is locked or full is a reason to try again; anything else ends the program, which
mpushd starts again after a wait.
"""

import json
import os
import sqlite3
import sys

# Two pipes are more than one read gives.
MOST_BYTES = 128 * 1024


def batches(descriptor):
    """Yields the complete lines of each read: what has arrived, without waiting for more."""
    rest = b""
    while piece := os.read(descriptor, MOST_BYTES):
        *lines, rest = (rest + piece).split(b"\n")
        if lines:
            yield [json.loads(line) for line in lines]


def content(message):
    """Text where the message is UTF-8, Base64 where it is not."""
    return message["content"] if "content" in message else message["content_base64"]


def answer(lines):
    """Writes them at once, and whole."""
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    while data:
        data = data[os.write(1, data) :]


def main(path):
    database = sqlite3.connect(path, timeout=5, isolation_level=None)
    database.execute("PRAGMA synchronous = FULL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS messages (identity TEXT, id TEXT, received TEXT, content TEXT,"
        " PRIMARY KEY (identity, id))"
    )
    for messages in batches(0):
        rows = [(m["identity"], m["id"], m["received"], content(m)) for m in messages]
        try:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?)", rows)
            database.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if database.in_transaction:
                database.execute("ROLLBACK")
            print(f"not stored: {error}", file=sys.stderr, flush=True)
            answer({"id": m["id"], "retry": str(error), "wait": 5} for m in messages)
            continue
        answer({"id": m["id"], "done": True} for m in messages)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} DATABASE")
    main(sys.argv[1])
