/// One of `vectors/session_*.json`: whole connections between a running MPush server and its Java client.
package struct SessionVectors: Decodable, Sendable {
    package let note: String
    package let keys: [String: VectorValue]
    package let chunks: [Chunk]
    package let frames: [Frame]

    /// Bytes in one direction at one time, or the beginning or end of a connection.
    package struct Chunk: Decodable, Sendable {
        package let conn: Int
        /// `connect`, `c2s`, `s2c`, `c2s-eof` or `s2c-eof`.
        package let dir: String
        /// Seconds since the capture began.
        package let t: Double
        package let hex: String
    }

    /// One frame, decoded and decrypted.
    package struct Frame: Decodable, Sendable {
        package let conn: Int
        package let t: Double
        package let event: String?
        package let dir: String?
        package let cmd: String?
        package let flags: UInt8?
        package let sessionId: Int32?
        package let body: String?
    }

    /// The captured session with that `name`, such as `session_a_handshake`.
    package static func load(_ name: String) throws -> SessionVectors { try Fixture.json("vectors/\(name).json") }

    /// The names of all captured sessions.
    package static let names = [
        "session_a_handshake", "session_b_fast_connect", "session_c_expired", "session_d_kick",
    ]
}
