import Foundation
import MPushModel
import MPushSimulator
import MPushSystemd
import MPushWire
import NIOCore

/// What tests of delivery ask of a workplace.
extension Workplace {
    /// Pushes `text`, and says whether its ACK came within `deadline`.
    func isAcknowledged(
        _ text: String, flags: PacketFlags = .autoAck, within deadline: Duration = .seconds(20)
    ) async throws -> Bool {
        let reports = try await simulator.push(
            ByteBuffer(string: text), to: "alice", flags: flags, deadline: deadline
        ).get()
        if case .acknowledged? = reports.first?.outcome { return true }
        return false
    }

    /// A route that runs `script` with sh(1); the message is its standard input.
    func shellRoute(_ name: String, _ script: String, more: String = "") -> String {
        """

        [[route]]
        name = "\(name)"
        exec = ["/bin/sh", "-c", '''\(script)''']
        retry_min = "100ms"
        retry_max = "100ms"
        attempts = 1000
        \(more)

        """
    }

    /// The lines of the file `name`; none where it is not there.
    func lines(of name: String) -> [String] {
        ((try? String(contentsOf: file(name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    /// Waits for the line of the log about a route's program that ends in `text`.
    @discardableResult
    func program(says text: String, after line: Int = 0) async throws -> LogRecord {
        try await sink.next(after: line) { $0.event == .programOutput && $0.text.hasSuffix(text) }
    }
}
