"""The machine wakes, and logind says so on the system bus: a real dbus-daemon, and one who says what logind says."""
import atexit, os, shutil, socket, struct, subprocess, sys, tempfile, time
from field import Field, check, finish

if not shutil.which('dbus-daemon'):
    print('SKIPPED: dbus-daemon is not installed (apt-get install dbus)')
    sys.exit(0)


def start_bus(directory):
    with open(directory + '/bus.conf', 'w') as out:
        out.write(f'''<busconfig><type>system</type><listen>unix:path={directory}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow send_type="signal"/>
<allow receive_sender="*"/></policy></busconfig>''')
    bus = subprocess.Popen(
        ['dbus-daemon', f'--config-file={directory}/bus.conf', '--nofork', '--print-address=1'], stdout=subprocess.PIPE)
    atexit.register(bus.kill)
    bus.stdout.readline()
    return bus


def text(value):
    return struct.pack('<I', len(value)) + value.encode() + b'\0'


def message(kind, serial, fields, body=b''):
    header = b''
    for code, form, value in fields:
        header += b'\0' * (-len(header) % 8) + bytes([code, 1, ord(form), 0])
        header += bytes([len(value)]) + value.encode() + b'\0' if form == 'g' else text(value)
    whole = struct.pack('<BBBBIII', ord('l'), kind, 0, 1, len(body), serial, len(header)) + header
    return whole + b'\0' * (-len(whole) % 8) + body


class Logind:
    """It has the name that logind has."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        bus = [(1, 'o', '/org/freedesktop/DBus'), (2, 's', 'org.freedesktop.DBus'), (6, 's', 'org.freedesktop.DBus')]
        name = text('org.freedesktop.login1')
        self.socket.sendall(
            b'\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n' + message(1, 1, bus + [(3, 's', 'Hello')])
            + message(1, 2, bus + [(3, 's', 'RequestName'), (8, 'g', 'su')],
                      name + b'\0' * (-len(name) % 4) + struct.pack('<I', 0)))
        answers = b''
        while b'org.freedesktop.login1' not in answers:
            answers += self.receive()

    def receive(self):
        part = self.socket.recv(65536)
        assert part, 'the bus has closed the connection'
        return part

    def is_heard(self):
        """Whether somebody on the bus wants to be told."""
        self.socket.sendall(message(
            1, 4, [(1, 'o', '/org/freedesktop/DBus'), (2, 's', 'org.freedesktop.DBus.Debug.Stats'),
                   (6, 's', 'org.freedesktop.DBus'), (3, 's', 'GetAllMatchRules')]))
        return b'PrepareForSleep' in self.receive()

    def say(self, is_going_to_sleep):
        self.socket.sendall(message(
            4, 3, [(1, 'o', '/org/freedesktop/login1'), (2, 's', 'org.freedesktop.login1.Manager'),
                   (3, 's', 'PrepareForSleep'), (8, 'g', 'b')], struct.pack('<I', is_going_to_sleep)))


directory = tempfile.mkdtemp(prefix='mpushd-bus-')
atexit.register(shutil.rmtree, directory, True)
bus = start_bus(directory)
os.environ['DBUS_SYSTEM_BUS_ADDRESS'] = f'unix:path={directory}/bus'
field = Field(links=1, options='--plaintext --rsa-bits 1024')
logind = Logind(directory + '/bus')


def heartbeats():
    return field.metric('mpush_heartbeats_sent_total')


field.wait(logind.is_heard, 10, 'mpushd does not listen on the bus')
before, connection = heartbeats(), field.connection()
logind.say(True)
time.sleep(1)
check(heartbeats() == before, 'the machine is about to sleep: nothing is asked')
logind.say(False)
said = time.monotonic()
field.wait(lambda: heartbeats() > before, 5, 'the server is not asked')
check(True, f'the machine has woken: the server is asked after {time.monotonic() - said:.2f} s')
logind.say(False)
time.sleep(1)
check(heartbeats() == before + 1, 'the same once more: asked once')
bus.kill()
bus.wait()
time.sleep(1)
check(field.state() == 'online' and field.connection() == connection, 'the bus goes: the connection lives on')
finish()
