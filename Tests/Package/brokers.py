#!/usr/bin/python3
"""What bridge.sh needs of brokers and has no program for.

    brokers.py nats PORT SUBJECT [JSON]     one request to a server of NATS, and the answer
    brokers.py kafka FILE                   librdkafka's mock cluster, until it is ended; its brokers are written to FILE
"""

import ctypes
import os
import signal
import socket
import sys


def nats(port, subject, content=""):
    with socket.create_connection(("127.0.0.1", int(port)), timeout=5) as connection:
        lines = connection.makefile("rb")
        connection.sendall(
            b'CONNECT {"verbose":false}\r\nSUB _INBOX.t 1\r\nPUB %s _INBOX.t %d\r\n%s\r\n'
            % (subject.encode(), len(content), content.encode()))
        for line in lines:
            if line.startswith(b"MSG"):
                return lines.read(int(line.split()[-1])).decode()
    raise SystemExit("no answer")


def kafka(file):
    library = ctypes.CDLL("librdkafka.so.1")
    for name in ("conf_new", "new", "mock_cluster_new"):
        getattr(library, "rd_kafka_" + name).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    words = ctypes.create_string_buffer(256)
    client = library.rd_kafka_new(0, ctypes.c_void_p(library.rd_kafka_conf_new()), words, 256)
    cluster = library.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), 3)
    with open(file + ".new", "w", encoding="ascii") as brokers:
        brokers.write(library.rd_kafka_mock_cluster_bootstraps(ctypes.c_void_p(cluster)).decode())
    os.rename(file + ".new", file)
    signal.pause()


if sys.argv[1] == "nats":
    print(nats(*sys.argv[2:]))
else:
    kafka(sys.argv[2])
