package import Foundation

/// A directory for one test, which goes with this value.
package final class TemporaryDirectory: Sendable {
    package let url = FileManager.default.temporaryDirectory.appending(path: "mpushd-tests-\(UUID().uuidString)")

    package init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    package func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes `content` to the file `name`, and gives its path.
    @discardableResult
    package func write(_ name: String, _ content: some Sequence<UInt8>) throws -> String {
        try Data(content).write(to: url.appending(path: name))
        return path(name)
    }

    package func content(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url.appending(path: name))) }

    package func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
}
