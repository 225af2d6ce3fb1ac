"""What the tests of the field have in common: two network namespaces with links between them, a simulated server in one, and
mpushd in the other; and name servers, where a test wants any. Everything ends with the script."""
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
    """Links v1, v2, ...: link k has 10.k.0.1 at the server's end and 10.k.0.2 at the client's.

    With name servers (the last of them answers, as name_server.py does with the options; the others are silent) the
    server is known by its name, `push.test`."""

    def __init__(self, links=2, options='', configuration='', identities=None, name_servers=(), name_server_options=()):
        self.server, self.client = Namespace(), Namespace()
        self.name_servers, self.identities_text = name_servers, identities
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
        if name_servers:
            self.start_name_servers(name_server_options)
        self.start_server(options)
        self.start_daemon(configuration)

    def start_name_servers(self, options):
        for address in self.name_servers:
            self.server(f'ip address add {address}/32 dev lo')
        script = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'name_server.py')
        self.names = subprocess.Popen(
            self.server.enter + ['python3', script, SERVER, *options, *self.name_servers], stdout=subprocess.PIPE)
        atexit.register(self.names.kill)
        self.names.stdout.readline()
        with open(self.directory + '/resolv.conf', 'w') as out:
            out.write(''.join(f'nameserver {address}\n' for address in self.name_servers))
        with open(self.directory + '/nsswitch.conf', 'w') as out:
            out.write('hosts: files dns\n')

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
        if self.name_servers:
            text = text.replace(f'"{SERVER}:', '"push.test:')
        if self.identities_text:
            begin, end = text.index('[identity]'), text.index('[state]')
            text = text[:begin] + self.identities_text + text[end:]
        self.socket = self.directory + '/api.sock'
        file = self.directory + '/mpushd.toml'
        with open(file, 'w') as out:
            out.write(text + f'\n[api]\nsocket = "{self.socket}"\n' + configuration.replace('@', self.directory))
        self.journal = open(self.directory + '/mpushd.log', 'w')
        enter = self.client.enter
        if self.name_servers:
            mounts = ' && '.join(
                f'mount --bind {self.directory}/{name} /etc/{name}' for name in ('resolv.conf', 'nsswitch.conf'))
            enter = enter + ['unshare', '-m', 'sh', '-c', mounts + ' && exec "$0" "$@"']
        self.began = time.monotonic()
        self.daemon = subprocess.Popen(
            enter + [MPUSHD, 'run', '--config', file], stdout=self.journal, stderr=self.journal)
        atexit.register(self.daemon.kill)
        if not self.name_servers:
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

    def push(self, user, text):
        self.sim.stdin.write(f'push {user} {text}\n'.encode())
        self.sim.stdin.flush()

    def status(self):
        try:
            return json.loads(self.ctl('status', '--json'))
        except ValueError:
            return {}

    def identity(self):
        return (self.status().get('identities') or [{}])[0]

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

    def end(self):
        """Makes room for the next one."""
        for process in (self.daemon, self.sim, self.names, self.client.process, self.server.process):
            process.kill()
            process.wait()


def finish():
    sys.exit(1 if failures else 0)
