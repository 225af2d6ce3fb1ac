import Glibc
import MPushSimulator
import NIOCore

/// A bound daemon with a heartbeat of 180 s and a watchdog of 60 s, watched while nothing happens.
struct IdleBenchmark {
    let settings: BenchSettings
    let workspace: Workspace

    /// NIO leaves the kernel's timer set when a task is cancelled, and the TLS handshake has 10 s: a daemon wakes up for
    /// nothing once, 10 s after it connected. That belongs to connecting.
    private static let settling = Duration.seconds(12)
    private static let watchdogTimeout = Duration.seconds(60)

    func run() throws -> IdleResult {
        let server = try LocalServer(workspace)
        let socket = try NotifySocket(path: "\(workspace.path)/notify")
        let environment = [
            "NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "\(Int(Self.watchdogTimeout.microseconds))",
        ]
        let daemon = try ChildProcess(
            settings.daemon, try workspace.daemonArguments(port: server.port, retry: .seconds(1), hasRoute: true),
            environment: environment, log: workspace.logFile)
        _ = try server.bound()
        sleep(Self.settling)
        return try watch(daemon, server, socket)
    }

    private func watch(_ daemon: ChildProcess, _ server: LocalServer, _ socket: NotifySocket) throws -> IdleResult {
        let beatsBefore = try server.simulator.statistics().wait().heartbeats
        let before = try daemon.contextSwitches
        _ = socket.takeSignsOfLife()
        let start = ContinuousClock.now
        sleep(settings.idle)
        let after = try daemon.contextSwitches
        let signs = socket.takeSignsOfLife()
        let beats = try server.simulator.statistics().wait().heartbeats - beatsBefore
        return IdleResult(
            watchedSeconds: (ContinuousClock.now - start).seconds, memory: try daemon.memory,
            threads: try daemon.threads, voluntarySwitches: after.voluntary - before.voluntary,
            involuntarySwitches: after.involuntary - before.involuntary, watchdogSigns: signs, heartbeats: beats)
    }

    private func sleep(_ duration: Duration) {
        usleep(useconds_t(duration.microseconds))
    }
}
