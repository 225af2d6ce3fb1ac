import Foundation
import Glibc
import MPushModel
import MPushRouting
import MPushTestSupport

/// A bridge as a process, for one test.
final class RunningBridge {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let complaints = Pipe()
    private var pending: [UInt8] = []

    /// - Parameters:
    ///   - file: what is on its standard input; nil for a pipe that the test writes to.
    ///   - seconds: after which it is killed, where it might not end.
    init(
        _ arguments: [String], of broker: BrokerKind = .mqtt, reading file: String? = nil,
        killedAfter seconds: Int? = nil
    ) throws {
        let program = try BuiltProgram.url(broker.program)
        process.executableURL = seconds == nil ? program : URL(filePath: "/usr/bin/timeout")
        process.arguments = (seconds.map { ["-s", "KILL", String($0), program.path] } ?? []) + arguments
        process.standardInput = try file.map { try FileHandle(forReadingFrom: URL(filePath: $0)) } ?? input
        process.standardOutput = output
        process.standardError = complaints
        try process.runUnmasked()
    }

    deinit {
        if process.isRunning { process.terminate() }
    }

    func write(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    func closeInput() throws { try input.fileHandleForWriting.close() }

    func terminate() { process.terminate() }

    func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }

    /// Its next answer; nil where it ends before.
    func answer() throws -> StreamAnswer? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeSubrange(...end) }
                return try StreamAnswer(line: pending[..<end])
            }
            let more = try output.fileHandleForReading.nextData()
            guard !more.isEmpty else { return nil }
            pending += more
        }
    }

    /// The answers to its end.
    ///
    /// - Parameter isCut: whether it was killed, so that the last line may have no end: it is no answer then.
    func answers(isCut: Bool = false) throws -> [StreamAnswer] {
        pending += try output.fileHandleForReading.dataToEnd()
        if isCut { pending.removeLast(pending.reversed().prefix { $0 != UInt8(ascii: "\n") }.count) }
        let answers = try pending.split(separator: UInt8(ascii: "\n")).map { try StreamAnswer(line: $0) }
        pending = []
        return answers
    }

    /// Waits for its end: exit status and what it complained of.
    func end() throws -> (status: Int32, complaint: String) {
        let complaint = try complaints.fileHandleForReading.dataToEnd()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: complaint, as: UTF8.self))
    }

    /// A message as a stream route writes it.
    static func line(_ id: String, _ content: String, user: String = "alice", position: Int = 1) -> String {
        let plain = content.replacing("\"", with: "\\\"")
        return #"{"position":\#(position),"attempt":1,"id":"\#(id)","identity":"desk","user":"\#(user)","#
            + #""received":"2026-11-27T08:00:00Z","content":"\#(plain)"}"#
    }
}
