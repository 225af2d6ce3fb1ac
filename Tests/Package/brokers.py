#!/usr/bin/python3
"""What tests of the bridges need of brokers and have no program for.

    brokers.py nats PORT SUBJECT [JSON]     one request to a server of NATS, and the answer
    brokers.py nats-stream PORT STREAM      the messages that a stream of NATS has, one a line
    brokers.py kafka FILE                   librdkafka's mock cluster, until it is ended; its brokers are written to FILE
"""

import base64
import ctypes
import json
import os
import signal
import socket
import sys


class NATS:
    def __init__(self, port):
        self.connection = socket.create_connection(("127.0.0.1", int(port)), timeout=5)
        self.lines = self.connection.makefile("rb")
        self.connection.sendall(b'CONNECT {"verbose":false}\r\nSUB _INBOX.t 1\r\n')

    def ask(self, subject, content=""):
        self.connection.sendall(
            b"PUB %s _INBOX.t %d\r\n%s\r\n" % (subject.encode(), len(content), content.encode()))
        for line in self.lines:
            if line.startswith(b"MSG"):
                return self.lines.read(int(line.split()[-1])).decode()
        raise SystemExit("no answer")

    def stream(self, name):
        state = json.loads(self.ask("$JS.API.STREAM.INFO." + name))["state"]
        for number in range(state["first_seq"], state["last_seq"] + 1):
            answer = json.loads(self.ask("$JS.API.STREAM.MSG.GET." + name, json.dumps({"seq": number})))
            print(base64.b64decode(answer["message"].get("data", "")).decode())


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
    print(NATS(sys.argv[2]).ask(*sys.argv[3:]))
elif sys.argv[1] == "nats-stream":
    NATS(sys.argv[2]).stream(sys.argv[3])
else:
    kafka(sys.argv[2])
