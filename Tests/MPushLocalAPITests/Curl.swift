import Foundation
import MPushJSON

/// The real curl, on the bench's socket.
struct Curl {
    let status: Int
    let head: String
    let body: String

    var json: JSONValue? { try? JSONParser.parse(body) }

    /// Runs curl with `arguments` for `path`; `before` goes before curl itself, such as setpriv and its arguments.
    init(_ bench: APIBench, _ path: String, _ arguments: [String] = [], before: [String] = []) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            before + ["curl", "-sS", "-i", "--max-time", "15", "--unix-socket", bench.path] + arguments
            + ["http://localhost" + path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        var text = String(decoding: data, as: UTF8.self)
        while text.hasPrefix("HTTP/1.1 100") {
            text = String(text[(text.firstRange(of: "\r\n\r\n")?.upperBound ?? text.endIndex)...])
        }
        let end = text.firstRange(of: "\r\n\r\n")
        head = String(text[..<(end?.lowerBound ?? text.endIndex)])
        body = end.map { String(text[$0.upperBound...]) } ?? ""
        status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    func field(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
}
