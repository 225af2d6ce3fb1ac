import MPushSimulator
import MPushTime
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
            terminal.say(error.description)
            return simulator.loop.makeSucceededVoidFuture()
        }
    }

    private func run(_ command: SimulatorCommand, _ quit: @Sendable () -> Void) -> EventLoopFuture<Void> {
        switch command {
        case .nothing: break
        case .help: terminal.say(SimulatorCommand.helpText)
        case .push(let user, let text, let flags):
            report(simulator.push(ByteBuffer(string: text), to: user, flags: flags), "\(user) is not bound")
        case .broadcast(let tag, let text, let flags):
            report(
                simulator.broadcast(ByteBuffer(string: text), tags: [tag], flags: flags), "nobody has the tag \(tag)")
        case .flood(let user, let count, let size): flood(user, count, size)
        case .inject(let fault, let target): return said(simulator.inject(fault, into: target))
        case .lift(let fault): return said(simulator.lift(fault))
        case .list: return list()
        case .statistics: return statistics()
        case .quit: quit()
        }
        return simulator.loop.makeSucceededVoidFuture()
    }

    private func report(_ reports: EventLoopFuture<[PushReport]>, _ nobody: String) {
        reports.whenSuccess { [terminal] in if $0.isEmpty { terminal.say(nobody) } }
        reports.whenFailure { [terminal] in terminal.say("\($0)") }
    }

    private func flood(_ user: String, _ count: Int, _ size: Int) {
        let content = ByteBuffer(repeating: UInt8(ascii: "x"), count: size)
        simulator.flood(content, to: user, count: count).whenFailure { [terminal] in terminal.say("\($0)") }
    }

    /// The event line says that it was done; only a failure is left to say.
    private func said(_ done: EventLoopFuture<Void>) -> EventLoopFuture<Void> {
        done.flatMapErrorThrowing { [terminal] in terminal.say("\($0)") }
    }

    private func list() -> EventLoopFuture<Void> {
        simulator.connections().map { [terminal] connections in
            if connections.isEmpty { terminal.say("no connections") }
            for connection in connections {
                let tags = connection.tags.isEmpty ? "" : " [\(connection.tags)]"
                let pending = connection.pendingAcks == 0 ? "" : ", \(connection.pendingAcks) acks awaited"
                let who =
                    "\(connection.user ?? "nobody")\(tags) on \(connection.device.isEmpty ? "?" : connection.device)"
                terminal.say("\(connection.id) \(connection.peer)  \(who)\(pending)")
            }
        }
    }

    private func statistics() -> EventLoopFuture<Void> {
        simulator.statistics().map { [terminal] counted in
            let mean = counted.ackLatencyMean.map { ", mean \($0.wholeNanoseconds / 1000) us" } ?? ""
            terminal.say(
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
