"""A name server: gives every name the address ANSWER, at the last of the addresses; at the others it says nothing.

    name_server.py ANSWER [--drop-aaaa] ADDRESS...

What ends in `.hole` is never answered. Each question for IPv6 is answered with no address, or with --drop-aaaa not at all."""
import select, socket, struct, sys

answer, *addresses = [word for word in sys.argv[1:] if not word.startswith('-')]
drops_aaaa = '--drop-aaaa' in sys.argv
A, AAAA = 1, 28


def listen(address):
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((address, 53))
    return listener


def reply(query):
    """The answer to a query; None for none."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]])
        at += 1 + query[at]
    question = query[12:at + 5]
    kind = struct.unpack('!H', query[at + 1:at + 3])[0]
    if labels[-1] == b'hole' or kind == AAAA and drops_aaaa:
        return None
    records = b''
    if kind == A:
        records = b'\xc0\x0c' + struct.pack('!HHIH', A, 1, 60, 4) + socket.inet_aton(answer)
    return query[:2] + struct.pack('!HHHHH', 0x8180, 1, 1 if records else 0, 0, 0) + question + records


listeners = {listen(address): address == addresses[-1] for address in addresses}
print('ready', flush=True)
while True:
    for listener in select.select(list(listeners), [], [])[0]:
        query, sender = listener.recvfrom(4096)
        text = reply(query) if listeners[listener] else None
        if text:
            listener.sendto(text, sender)
