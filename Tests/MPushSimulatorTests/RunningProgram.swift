import Foundation

/// mpush-sim as a process, for one test.
final class RunningProgram {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let complaints = Pipe()
    private var pending: [UInt8] = []

    /// Starts the program that was built beside these tests.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(filePath: tests).deletingLastPathComponent().appending(path: "mpush-sim")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = complaints
        try process.run()
    }

    deinit {
        if process.isRunning { process.terminate() }
    }

    /// The next line of its output that holds `text`; nil where it ends before.
    func line(with text: String) throws -> String? {
        while let line = try nextLine() {
            if line.contains(text) { return line }
        }
        return nil
    }

    func type(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    func closeInput() throws {
        try input.fileHandleForWriting.close()
    }

    /// What Ctrl-C does.
    func interrupt() {
        process.interrupt()
    }

    func terminate() {
        process.terminate()
    }

    /// Waits for its end: exit status and what it complained of.
    func end() throws -> (status: Int32, complaint: String) {
        let complaint = try complaints.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: complaint, as: UTF8.self))
    }

    private func nextLine() throws -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeSubrange(...end) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            guard let more = try output.fileHandleForReading.read(upToCount: 1), !more.isEmpty else { return nil }
            pending += more
        }
    }
}
