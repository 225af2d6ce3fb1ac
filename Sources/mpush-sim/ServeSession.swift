import Glibc
import MPushPlatform
import MPushSimulator
import NIOCore

/// The simulator and what surrounds it in the program: signals, standard input, lines on the terminal. Belongs to the
/// event loop, which it leaves only by ending the process.
final class ServeSession {
    private static let defaultAddress = ListenAddress("127.0.0.1:3000")

    let command: ServeCommand
    let terminal: Terminal
    let loop: any EventLoop
    private let files: SimulatorFiles

    init(_ command: ServeCommand, _ files: SimulatorFiles, _ terminal: Terminal, on loop: any EventLoop) {
        self.command = command
        self.files = files
        self.terminal = terminal
        self.loop = loop
    }

    func start() {
        do throws(SimulatorError) {
            let simulator = try Simulator(configuration, clock: MachineClock(), on: loop)
            listen(simulator)
        } catch {
            fail(.badData(error.description))
        }
    }

    private var configuration: SimulatorConfiguration {
        var configuration = SimulatorConfiguration(transport: files.transport)
        configuration.keyBits = command.rsaBits
        configuration.server.heartbeat = command.heartbeat...command.heartbeat
        configuration.server.maximumPacketSize = command.maxPacketSize
        configuration.server.servesHTTPProxy = command.httpProxy
        configuration.server.refusedUsers = Set(command.refuseUser)
        return configuration
    }

    private func listen(_ simulator: Simulator) {
        let wanted = command.listen.isEmpty ? [Self.defaultAddress].compactMap(\.self) : command.listen
        let bound = wanted.map { listen(simulator, at: $0) }
        EventLoopFuture.whenAllSucceed(bound, on: loop).assumeIsolated().whenSuccess { addresses in
            self.serve(simulator, at: addresses)
        }
    }

    private func listen(_ simulator: Simulator, at address: ListenAddress) -> EventLoopFuture<SocketAddress> {
        let future = simulator.listen(host: address.host, port: address.port)
        future.assumeIsolated().whenFailure { self.failListening(at: address, option: "listen", $0) }
        return future
    }

    private func serve(_ simulator: Simulator, at addresses: [SocketAddress]) {
        do throws(ProgramFailure) {
            let endpoint = addresses.first?.hostAndPort ?? ""
            try files.write(endpoint: endpoint, publicKey: simulator.publicKey)
        } catch {
            return fail(error)
        }
        for address in addresses {
            terminal.printLine("listening on \(address.hostAndPort) (\(command.plaintext ? "plain TCP" : "TLS"))")
        }
        let terminal = terminal
        simulator.observe { terminal.printLine(terminal.formatter.line($0)) }.whenFailure { _ in }
        startAllocator(simulator)
    }

    private func startAllocator(_ simulator: Simulator) {
        guard let address = command.allocator else { return runCommands(simulator) }
        let started = simulator.startAllocator(host: address.host, port: address.port).assumeIsolated()
        started.whenSuccess {
            self.terminal.printLine("allocator at http://\($0.hostAndPort)/")
            self.runCommands(simulator)
        }
        started.whenFailure { self.failListening(at: address, option: "allocator", $0) }
    }

    private func runCommands(_ simulator: Simulator) {
        let runner = CommandRunner(simulator, terminal)
        let end: @Sendable () -> Void = {
            simulator.shutDown().whenComplete { _ in exit(EX_OK) }
        }
        Signals.termination.watch(on: loop, end).assumeIsolated().whenFailure {
            self.fail(.software("no signals: \($0)"))
        }
        let untilEOF = command.untilEOF
        StandardInput.read(on: loop) { line in
            runner.run(line, atQuit: end)
        } end: {
            if untilEOF { end() }
        }
    }

    private func failListening(at address: ListenAddress, option: String, _ error: any Error) {
        var text = "cannot listen at \(address.description): \(SystemErrorText.describe(error))"
        if (error as? IOError)?.errnoCode == EADDRINUSE {
            let free = (address.host.contains(":") ? "[\(address.host)]" : address.host) + ":0"
            text += ". To take a free port: --\(option) \(free). Who has this one: ss -ltnp sport = :\(address.port)"
        }
        fail(.unavailable(text))
    }

    private func fail(_ failure: ProgramFailure) {
        terminal.printError(failure.description)
        exit(failure.status)
    }
}
