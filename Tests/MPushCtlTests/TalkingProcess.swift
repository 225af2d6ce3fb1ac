import Foundation
import Glibc
import MPushTestSupport
import Testing

/// A program that runs on, whose lines the test waits for.
final class TalkingProcess {
    /// It was to end, and does not.
    struct StillRuns: Error {}

    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private let ended = DispatchSemaphore(value: 0)
    private var unread: [ObjectIdentifier: [UInt8]] = [:]

    init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        (process.standardOutput, process.standardError) = (output, errors)
        process.terminationHandler = { [ended] _ in ended.signal() }
        // Threads of tests have signals blocked, which programs inherit.
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    deinit {
        kill()
    }

    /// The next line of its standard output.
    func line() throws -> String { try next(of: output) }

    /// The next line of its standard error.
    func complaint() throws -> String { try next(of: errors) }

    private func next(of pipe: Pipe) throws -> String {
        while true {
            var bytes = unread[ObjectIdentifier(pipe)] ?? []
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                unread[ObjectIdentifier(pipe)] = Array(bytes[(end + 1)...])
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            let more = try pipe.fileHandleForReading.nextData()
            try #require(!more.isEmpty, "it has ended after \"\(String(decoding: bytes, as: UTF8.self))\"")
            bytes += more
            unread[ObjectIdentifier(pipe)] = bytes
        }
    }

    func signal(_ number: CInt) { Glibc.kill(process.processIdentifier, number) }

    /// The signal that ended it, less than 0 for an exit status.
    func end() throws -> Int32 {
        guard ended.wait(timeout: .now() + 120) == .success else { throw StillRuns() }
        return process.terminationReason == .uncaughtSignal ? process.terminationStatus : -process.terminationStatus
    }

    /// With what it has started, where that is in its group.
    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(-process.processIdentifier, SIGKILL)
        signal(SIGKILL)
    }
}
