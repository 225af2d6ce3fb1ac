"""What the tests of the field have in common: two network namespaces with links between them, a simulated server in one, and
mpushd in the other. Everything ends with the script."""
import atexit, json, os, shutil, signal, subprocess, sys, tempfile, time

MPUSHD, MPUSHCTL, MPUSH_SIM = sys.argv[1:4]
SERVER = '10.99.0.1'
failures = []


def sh(command, check=True):
    result = subprocess.run(command, shell=True, capture_output=True, text=True)
    if check and result.returncode:
        raise SystemExit(f'{command}: {result.stdout}{result.stderr}')
    return result.stdout


def check(is_good, text):
    print(('ok   ' if is_good else 'FAIL ') + text, flush=True)
    if not is_good:
        failures.append(text)


def p95(values):
    values = sorted(values)
    return values[min(len(values) - 1, int(0.95 * len(values)))]


class Namespace:
    def __init__(self):
        self.process = subprocess.Popen(['unshare', '-n', 'sleep', 'infinity'])
        own = os.readlink('/proc/self/ns/net')
        while os.readlink(f'/proc/{self.process.pid}/ns/net') == own:
            time.sleep(0.01)
        atexit.register(self.process.kill)
        self('ip link set lo up')

    @property
    def enter(self):
        return ['nsenter', '-t', str(self.process.pid), '-n']

    def __call__(self, command, check=True):
        return sh(' '.join(self.enter) + ' ' + command, check)


class Field:
    """Links v1, v2, ...: link k has 10.k.0.1 at the server's end and 10.k.0.2 at the client's."""

    def __init__(self, links=2, options='', configuration=''):
        self.server, self.client = Namespace(), Namespace()
        self.directory = tempfile.mkdtemp(prefix='mpushd-field-')
        atexit.register(shutil.rmtree, self.directory, True)
        self.server(f'ip address add {SERVER}/32 dev lo')
        for k in range(1, links + 1):
            self.client(f'ip link add v{k} type veth peer name v{k} netns {self.server.process.pid}')
            self.server(f'ip address add 10.{k}.0.1/24 dev v{k}')
            self.server(f'ip link set v{k} up')
            self.client(f'ip address add 10.{k}.0.2/24 dev v{k}')
            self.client(f'ip link set v{k} up')
        self.client('ip route add default via 10.1.0.1')
        self.start_server(options)
        self.start_daemon(configuration)

    def start_server(self, options):
        keys = self.directory + '/keys'
        self.log = open(self.directory + '/sim.log', 'w')
        self.sim = subprocess.Popen(
            self.server.enter + [MPUSH_SIM, 'serve', '--listen', SERVER + ':0', '--directory', keys] + options.split(),
            stdin=subprocess.PIPE, stdout=self.log, stderr=self.log)
        atexit.register(self.sim.kill)
        self.wait(lambda: os.path.exists(keys + '/client.toml'), 10, 'the server does not start')

    def start_daemon(self, configuration):
        text = open(self.directory + '/keys/client.toml').read()
        self.socket = self.directory + '/api.sock'
        file = self.directory + '/mpushd.toml'
        with open(file, 'w') as out:
            out.write(text + f'\n[api]\nsocket = "{self.socket}"\n' + configuration)
        self.journal = open(self.directory + '/mpushd.log', 'w')
        self.daemon = subprocess.Popen(
            self.client.enter + [MPUSHD, 'run', '--config', file], stdout=self.journal, stderr=self.journal)
        atexit.register(self.daemon.kill)
        self.wait(lambda: self.state() == 'online', 20, 'not online')

    def wait(self, condition, seconds, complaint):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.02)
        print(open(self.directory + '/mpushd.log').read()[-3000:])
        raise SystemExit('FAIL ' + complaint)

    def ctl(self, *arguments):
        return subprocess.run(
            [MPUSHCTL, *arguments, '--socket', self.socket], capture_output=True, text=True).stdout

    def identity(self):
        try:
            return json.loads(self.ctl('status', '--json'))['identities'][0]
        except (ValueError, KeyError, IndexError):
            return {}

    def state(self):
        return self.identity().get('state')

    def metric(self, name):
        lines = self.ctl('metrics').splitlines()
        return sum(float(line.rsplit(' ', 1)[1]) for line in lines if line.startswith(name + '{'))

    def connection(self):
        return self.identity().get('connection', 0)

    def time_until_bound(self, before, seconds=30):
        """How long until a connection that is not number `before` is bound."""
        start = time.monotonic()

        def is_bound():
            identity = self.identity()
            return identity.get('state') == 'online' and identity.get('connection', 0) > before
        self.wait(is_bound, seconds, f'not bound again within {seconds} s')
        return time.monotonic() - start


def finish():
    sys.exit(1 if failures else 0)
