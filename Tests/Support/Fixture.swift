package import Foundation

/// Files of Tests/Fixtures, found from this source file, so that the tests need nothing outside the project.
package enum Fixture {
    /// The folder Tests/Fixtures.
    package static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    /// The content of the file at `path` below Tests/Fixtures.
    package static func data(_ path: String) throws -> Data {
        try Data(contentsOf: folder.appending(path: path))
    }

    /// The JSON file at `path` below Tests/Fixtures, decoded.
    package static func json<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: data(path))
    }
}
