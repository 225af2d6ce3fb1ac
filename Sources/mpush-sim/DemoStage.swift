import Glibc
import MPushCipher
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushTLS
import NIOCore

/// Where the demo is played: does what the director says, and tells it what happens. Belongs to the event loop, which it
/// leaves only by ending the process.
final class DemoStage {
    private let program: String
    private let files: DemoFiles
    private let terminal: Terminal
    private let formatter: DemoFormatter
    private let loop: any EventLoop
    private let startedAt: Instant
    private var director: DemoDirector
    /// Empty until the server listens, before which mpushd is not started.
    private var configurationPath = ""
    private var simulator: Simulator?
    private var daemon: DemoDaemon?
    private let timer: LoopTimer
    private var deadline: LoopTimer.Owner?

    init(program: String, files: DemoFiles, limit: Duration?, _ terminal: Terminal, timer: LoopTimer) {
        self.program = program
        self.files = files
        self.terminal = terminal
        loop = timer.eventLoop
        self.timer = timer
        startedAt = timer.now
        formatter = DemoFormatter(isColoured: terminal.isColoured)
        director = DemoDirector(limit: limit)
    }

    func start() {
        let stage = NIOLoopBound(self, eventLoop: loop)
        Signals.terminationOrHangup.watch(on: loop) {
            stage.value.tell { $0.stopRequested(at: stage.value.timer.now) }
        }.assumeIsolated().whenFailure { self.fail(.software("no signals: \($0)")) }
        do throws(SimulatorError) {
            open(try Simulator(configuration, clock: timer.clock, on: loop))
        } catch {
            fail(.software(error.description))
        }
    }

    private var configuration: SimulatorConfiguration {
        var configuration = SimulatorConfiguration(transport: .tls(TLSServerSettings(identity: files.identity)))
        configuration.keyBits = RSAPublicKey.leastSafeBits
        configuration.server.heartbeat = DemoScript.heartbeat...DemoScript.heartbeat
        return configuration
    }

    private func open(_ simulator: Simulator) {
        self.simulator = simulator
        let stage = NIOLoopBound(self, eventLoop: loop)
        simulator.observe { event in
            stage.value.show(.server(event))
        }.whenFailure { _ in }
        let listening = simulator.listen().assumeIsolated()
        listening.whenFailure { self.fail(.unavailable("cannot listen: \($0)")) }
        listening.whenSuccess { address in
            do throws(ProgramFailure) {
                self.configurationPath = try self.files.write(
                    endpoint: address.hostAndPort, publicKey: simulator.publicKey)
                self.printLines(["", "In another terminal: mpushctl status --watch --socket \(self.files.socketPath)"])
                self.tell { $0.started(at: self.timer.now) }
            } catch {
                self.fail(error)
            }
        }
    }

    private func show(_ observation: DemoObservation) {
        printLines(formatter.lines(observation, at: self.timer.now - startedAt, width: terminal.width))
        tell { $0.observed(observation, at: self.timer.now) }
    }

    /// Tells the director a fact, and does what it says.
    private func tell(_ fact: (inout DemoDirector) -> [DemoAction]) {
        let actions = fact(&director)
        setTimer()
        for action in actions {
            printLines(formatter.lines(action, at: self.timer.now - startedAt, width: terminal.width))
            run(action)
        }
    }

    private func setTimer() {
        let owner = deadline ?? timer.makeOwner { now in self.tell { $0.deadlineReached(at: now) } }
        deadline = owner
        timer.set(director.nextDeadline, for: owner)
    }

    private func run(_ action: DemoAction) {
        switch action {
        case .announce, .approve, .complain: break
        case .perform(.startDaemon): startDaemon()
        case .perform(.push(let text, let flags)):
            // A push that cannot be sent is seen by what does not come of it.
            simulator?.push(ByteBuffer(string: text), to: DemoScript.user, flags: flags).whenFailure { _ in }
        case .perform(.inject(let fault)): simulator?.inject(fault, into: .present).whenFailure { _ in }
        case .stopDaemon: daemon?.signal(SIGTERM)
        case .killDaemon: daemon?.signal(SIGKILL)
        case .finish: finish()
        }
    }

    private func startDaemon() {
        let daemon = DemoDaemon(timer) {
            self.show($0)
        } ended: { exit in
            self.tell { $0.daemonEnded(exit, at: self.timer.now) }
        }
        self.daemon = daemon
        do throws(ProgramFailure) {
            try daemon.start(program, configuration: configurationPath)
        } catch {
            fail(error)
        }
    }

    private func printLines(_ lines: [String]) {
        guard !lines.isEmpty, !terminal.printLine(lines.joined(separator: "\n")) else { return }
        // Nobody watches any more.
        loop.assumeIsolated().execute { self.tell { $0.stopRequested(at: self.timer.now) } }
    }

    private func finish() {
        printLines(formatter.summary(director.result, after: self.timer.now - startedAt))
        files.remove()
        exit(director.exitStatus)
    }

    private func fail(_ failure: ProgramFailure) {
        daemon?.signal(SIGKILL)
        files.remove()
        terminal.printError(failure.description)
        exit(failure.status)
    }
}
