import Glibc
import MPushSimulator
import NIOCore

/// A bound daemon with a heartbeat of 180 s and a watchdog of 60 s, watched while nothing happens. Its memory is that of
/// several processes, one after the other.
struct IdleBenchmark {
    let settings: BenchSettings
    let workspace: Workspace

    /// NIO leaves the kernel's timer set when a task is cancelled, and the TLS handshake has 10 s: a daemon wakes up for
    /// nothing once, 10 s after it connected. That belongs to connecting.
    private static let settling = Duration.seconds(12)
    private static let watchdogTimeout = Duration.seconds(60)

    func run() throws -> IdleResult {
        let program = try ProgramCopy(of: settings.daemon, at: settings.output + ".mpushd")
        var memory: [MemoryUse] = []
        for _ in 1..<max(2, settings.rounds) {
            memory.append(try withDaemon(program) { daemon, _, _ in try daemon.memory })
        }
        return try withDaemon(program) { daemon, server, socket in
            try watch(daemon, server, socket, memory + [try daemon.memory])
        }
    }

    /// Runs `body` with a process of its own, once it has settled.
    private func withDaemon<Result>(
        _ program: ProgramCopy, _ body: (ChildProcess, LocalServer, NotifySocket) throws -> Result
    ) throws -> Result {
        let server = try LocalServer(workspace)
        let socket = try NotifySocket(path: "\(workspace.path)/notify")
        let environment = [
            "NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "\(Int(Self.watchdogTimeout.microseconds))",
        ]
        try program.leaveCache()
        let daemon = try ChildProcess(
            program.path,
            try workspace.daemonArguments(
                port: server.port, retry: .seconds(1), route: "[[route]]\nname = \"true\"\nexec = [\"/usr/bin/true\"]"),
            environment: environment, log: workspace.logFile)
        _ = try server.bound()
        sleep(Self.settling)
        defer { daemon.stop() }
        return try body(daemon, server, socket)
    }

    private func watch(
        _ daemon: ChildProcess, _ server: LocalServer, _ socket: NotifySocket, _ memory: [MemoryUse]
    ) throws -> IdleResult {
        let beatsBefore = try server.simulator.statistics().wait().heartbeats
        let before = try daemon.contextSwitches
        _ = socket.takeSignsOfLife()
        let start = ContinuousClock.now
        sleep(settings.idle)
        let after = try daemon.contextSwitches
        let signs = socket.takeSignsOfLife()
        let beats = try server.simulator.statistics().wait().heartbeats - beatsBefore
        return IdleResult(
            watchedSeconds: (ContinuousClock.now - start).seconds, memory: MemoryUse(medianOf: memory),
            memoryOfProcesses: memory.map(\.proportional),
            threads: try daemon.threads, voluntarySwitches: after.voluntary - before.voluntary,
            involuntarySwitches: after.involuntary - before.involuntary, watchdogSigns: signs, heartbeats: beats)
    }

    private func sleep(_ duration: Duration) {
        usleep(useconds_t(duration.microseconds))
    }
}

/// A copy of a program that nothing else runs. How much of a program is mapped depends on how its file lies in the page
/// cache, by up to 3 MiB, and that on how it came there: from a linker, from cp(1), or from the disk. Here it always comes
/// from the disk, as after a start of the machine.
private final class ProgramCopy {
    let path: String

    init(of program: String, at path: String) throws(BenchError) {
        self.path = path
        unlink(path)
        try copy(program)
    }

    deinit {
        unlink(path)
    }

    private func copy(_ program: String) throws(BenchError) {
        let source = try checked(program) { open(program, O_RDONLY | O_CLOEXEC) }
        defer { close(source) }
        let target = try checked(path) { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o700) }
        defer { close(target) }
        while try checked(path, { sendfile(target, source, nil, 1 << 20) }) > 0 {}
    }

    /// Has the kernel forget its pages. No process may run it.
    func leaveCache() throws(BenchError) {
        let file = try checked(path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(file) }
        _ = try checked(path) { fsync(file) }
        let result = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
        guard result == 0 else { throw BenchError("\(path): \(String(cString: strerror(result)))") }
    }
}
