import Glibc
import MPushCipher
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushTLS
import NIOCore

/// The server, the daemon and the terminal of `mpush-sim try`. Belongs to the event loop, which it leaves only by ending the
/// process.
final class TryStage {
    /// How long mpushd may take to end.
    private static let patience = Duration.seconds(10)
    /// Short enough that somebody who looks on sees heartbeats, and a silence that is noticed.
    private static let heartbeat = Duration.seconds(20)

    private let program: String
    private let files: DemoFiles
    private let terminal: Terminal
    private let formatter: DemoFormatter
    private let timer: LoopTimer
    private let loop: any EventLoop
    private let startedAt: Instant
    private var tour: TryTour
    private var daemon: DemoDaemon?
    private var isStopping = false

    init(program: String, files: DemoFiles, _ tour: TryTour, _ terminal: Terminal, timer: LoopTimer) {
        self.program = program
        self.files = files
        self.tour = tour
        self.terminal = terminal
        self.timer = timer
        loop = timer.eventLoop
        startedAt = timer.now
        formatter = DemoFormatter(isColoured: terminal.isColoured)
    }

    func start() {
        let stage = NIOLoopBound(self, eventLoop: loop)
        Signals.terminationOrHangup.watch(on: loop) { stage.value.stop() }.assumeIsolated().whenFailure {
            self.fail(.software("no signals: \($0)"))
        }
        var configuration = SimulatorConfiguration(transport: .tls(TLSServerSettings(identity: files.identity)))
        configuration.keyBits = RSAPublicKey.leastSafeBits
        configuration.server.heartbeat = Self.heartbeat...Self.heartbeat
        do throws(SimulatorError) {
            open(try Simulator(configuration, clock: timer.clock, on: loop))
        } catch {
            fail(.software(error.description))
        }
    }

    private func open(_ simulator: Simulator) {
        let stage = NIOLoopBound(self, eventLoop: loop)
        simulator.observe { stage.value.show(.server($0)) }.whenFailure { _ in }
        let listening = simulator.listen().assumeIsolated()
        listening.whenFailure { self.fail(.unavailable("cannot listen: \($0)")) }
        listening.whenSuccess { address in
            do throws(ProgramFailure) {
                let path = try self.files.write(endpoint: address.hostAndPort, publicKey: simulator.publicKey)
                self.printLines(["The configuration of mpushd: \(path)", ""])
                try self.startDaemon(configuration: path)
                self.readCommands(simulator)
            } catch {
                self.fail(error)
            }
        }
    }

    private func startDaemon(configuration: String) throws(ProgramFailure) {
        let daemon = DemoDaemon(timer) {
            self.show($0)
        } ended: {
            self.ended($0)
        }
        self.daemon = daemon
        try daemon.start(program, configuration: configuration)
    }

    private func readCommands(_ simulator: Simulator) {
        let runner = CommandRunner(simulator, terminal)
        let stage = NIOLoopBound(self, eventLoop: loop)
        StandardInput.read(on: loop) { line in
            runner.run(line) { stage.value.stop() }
        } end: {
        }
    }

    private func show(_ observation: DemoObservation) {
        guard !isStopping else { return }
        printLines(formatter.lines(observation, at: timer.now - startedAt, width: terminal.width))
        let hints = tour.observed(observation).flatMap { formatter.lines($0, width: terminal.width) }
        if !hints.isEmpty { printLines(hints + [""]) }
    }

    private func printLines(_ lines: [String]) {
        guard !lines.isEmpty, !terminal.printLine(lines.joined(separator: "\n")) else { return }
        // Nobody watches any more.
        stop()
    }

    // MARK: - The end

    /// Asks mpushd to end, and kills it where it does not, or when this is asked for again.
    private func stop() {
        guard let daemon else { return finish(EX_OK) }
        guard !isStopping else { return daemon.signal(SIGKILL) }
        isStopping = true
        daemon.signal(SIGTERM)
        timer.schedule(in: Self.patience) { daemon.signal(SIGKILL) }
    }

    private func ended(_ end: DemoExit) {
        if isStopping { return finish(EX_OK) }
        terminal.printError("mpushd ended: \(end)")
        finish(EXIT_FAILURE)
    }

    private func finish(_ status: Int32) {
        files.remove()
        exit(status)
    }

    private func fail(_ failure: ProgramFailure) {
        daemon?.signal(SIGKILL)
        terminal.printError(failure.description)
        finish(failure.status)
    }
}
