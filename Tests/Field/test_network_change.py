"""The machine's network changes: another address, another link with the old path dead without a word, no route and a route
again, and a flap that leaves the path whole."""
import os, time
from field import Field, check, finish, p95

ROUNDS = int(os.environ.get('ROUNDS', '20'))
field = Field()


def settle():
    # A connection that was bound for a moment alone is not what is looked at.
    time.sleep(0.3)


# The address changes.
times = []
for n in range(ROUNDS):
    old, new = ('10.1.0.2', '10.1.0.3') if n % 2 == 0 else ('10.1.0.3', '10.1.0.2')
    before = field.connection()
    field.client(f'ip address del {old}/24 dev v1')
    field.client(f'ip address add {new}/24 dev v1')
    field.client('ip route replace default via 10.1.0.1 dev v1')
    times.append(field.time_until_bound(before))
    settle()
check(p95(times) <= 4, f'the address changes: bound again after {p95(times):.2f} s (95 % of {ROUNDS})')

# The default route moves to another link; what goes to the old address is lost.
times = []
for n in range(ROUNDS):
    old, new = (1, 2) if n % 2 == 0 else (2, 1)
    address = field.client(f"ip -4 -o address show dev v{old}").split()[3].split('/')[0]
    before = field.connection()
    field.server(f'ip route add blackhole {address}/32')
    field.client(f'ip route replace default via 10.{new}.0.1 dev v{new}')
    times.append(field.time_until_bound(before))
    settle()
    field.server(f'ip route del blackhole {address}/32')
check(p95(times) <= 4, f'the route moves and the old path is dead: bound again after {p95(times):.2f} s (95 % of {ROUNDS})')

# The route goes, and comes back.
field.client('ip route replace default via 10.1.0.1 dev v1')
time.sleep(3)
times, attempts = [], 0
for n in range(ROUNDS):
    field.client('ip route del default')
    field.wait(lambda: field.state() == 'no-network', 10, 'no-network is not said')
    before, tried = field.connection(), field.metric('mpush_connection_attempts_total')
    time.sleep(1)
    attempts += field.metric('mpush_connection_attempts_total') - tried
    field.client('ip route add default via 10.1.0.1')
    times.append(field.time_until_bound(before))
    settle()
check(attempts == 0, f'without a route: {attempts:.0f} attempts')
check(p95(times) <= 2, f'the route is back: bound after {p95(times):.2f} s (95 % of {ROUNDS})')

# A flap that leaves the path whole.
before, beats = field.connection(), field.metric('mpush_heartbeats_sent_total')
for n in range(5):
    field.client('ip route del default')
    field.client('ip route add default via 10.1.0.1')
    time.sleep(1)
time.sleep(3)
beats = field.metric('mpush_heartbeats_sent_total') - beats
check(field.connection() == before, 'five flaps: the connection lives on')
check(beats <= 5, f'five flaps: {beats:.0f} heartbeats')
finish()
