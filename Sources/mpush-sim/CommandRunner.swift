import MPushModel
import MPushSimulator
import NIOCore

/// Does what was typed, and says what came of it.
struct CommandRunner: Sendable {
    private let simulator: Simulator
    private let terminal: Terminal

    init(_ simulator: Simulator, _ terminal: Terminal) {
        self.simulator = simulator
        self.terminal = terminal
    }

    /// Runs one line. The future is done when the next one may come: a push does not wait for its ACK.
    func run(_ line: String, atQuit quit: @Sendable () -> Void) -> EventLoopFuture<Void> {
        do throws(CommandError) {
            return run(try SimulatorCommand(parsing: line), quit)
        } catch {
            terminal.printLine(error.description)
            return simulator.loop.makeSucceededVoidFuture()
        }
    }

    private func run(_ command: SimulatorCommand, _ quit: @Sendable () -> Void) -> EventLoopFuture<Void> {
        switch command {
        case .nothing: break
        case .help: terminal.printLine(SimulatorCommand.helpText)
        case .push(let user, let text, let flags):
            report(simulator.push(ByteBuffer(string: text), to: user, flags: flags), "\(user) is not bound")
        case .broadcast(let tag, let text, let flags):
            report(
                simulator.broadcast(ByteBuffer(string: text), tags: [tag], flags: flags), "nobody has the tag \(tag)")
        case .flood(let user, let count, let size): flood(user, count, size)
        case .inject(.expireSessions, let target): return simulator.inject(.expireSessions, into: target)
        case .inject(let fault, let target): return inject(fault, target)
        case .lift(let fault):
            return printWhenDone(simulator.lift(fault), fault.map { "no more: \($0.name)" } ?? "no more faults")
        case .list: return list()
        case .statistics: return statistics()
        case .quit: quit()
        }
        return simulator.loop.makeSucceededVoidFuture()
    }

    private func report(_ reports: EventLoopFuture<[PushReport]>, _ absence: String) {
        reports.whenSuccess { [terminal] in if $0.isEmpty { terminal.printLine(absence) } }
        reports.whenFailure { [terminal] in terminal.printLine("\($0)") }
    }

    private func flood(_ user: String, _ count: Int, _ size: Int) {
        let content = ByteBuffer(repeating: UInt8(ascii: "x"), count: size)
        simulator.flood(content, to: user, count: count).whenFailure { [terminal] in terminal.printLine("\($0)") }
    }

    /// What is done to a connection shows as an event; what is only planned, or finds nobody, is said here.
    private func inject(_ fault: SimulatorFault, _ target: FaultTarget) -> EventLoopFuture<Void> {
        switch target {
        case .user(let user):
            injectIfPresent(fault, target, orPrint: "\(user) is not bound") { $0.user == user }
        case .present:
            injectIfPresent(fault, target, orPrint: "no connections") { _ in true }
        case .next(let count, _):
            printWhenDone(simulator.inject(fault, into: target), "the next \(count): \(fault)")
        case .coming, .everyone:
            printWhenDone(simulator.inject(fault, into: target), "from now on: \(fault)")
        }
    }

    private func injectIfPresent(
        _ fault: SimulatorFault, _ target: FaultTarget, orPrint absence: String,
        _ isMeant: @escaping @Sendable (ConnectionSummary) -> Bool
    ) -> EventLoopFuture<Void> {
        simulator.connections().flatMap { [simulator, terminal] connections in
            if !connections.contains(where: isMeant) { terminal.printLine(absence) }
            return simulator.inject(fault, into: target)
        }
    }

    private func printWhenDone(_ done: EventLoopFuture<Void>, _ text: String) -> EventLoopFuture<Void> {
        done.map { [terminal] in terminal.printLine(text) }
            .flatMapErrorThrowing { [terminal] in terminal.printLine(SystemErrorText.describe($0)) }
    }

    private func list() -> EventLoopFuture<Void> {
        simulator.connections().map { [terminal] connections in
            if connections.isEmpty { terminal.printLine("no connections") }
            for connection in connections {
                let tags = connection.tags.isEmpty ? "" : " [\(connection.tags)]"
                let pending = connection.pendingAcks == 0 ? "" : ", \(connection.pendingAcks) acks awaited"
                let who =
                    "\(connection.user ?? "nobody")\(tags) on \(connection.device.isEmpty ? "?" : connection.device)"
                terminal.printLine("\(connection.id) \(connection.peer)  \(who)\(pending)")
            }
        }
    }

    private func statistics() -> EventLoopFuture<Void> {
        simulator.statistics().map { [terminal] counted in
            let mean = counted.ackLatencyMean.map { ", mean \($0.wholeNanoseconds / 1000) us" } ?? ""
            terminal.printLine(
                """
                connections  \(counted.connectionsNow) now, \(counted.connectionsEver) ever
                sessions     \(counted.handshakes) handshakes, \(counted.resumes) resumed, \(counted.binds) binds, \
                \(counted.refusals) errors, \(counted.kicks) kicks
                heartbeats   \(counted.heartbeats)
                pushes       \(counted.pushes) sent, \(counted.acks) acknowledged\(mean), \(counted.ackTimeouts) not in time
                """)
        }
    }
}
