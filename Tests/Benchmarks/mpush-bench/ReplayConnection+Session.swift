import MPushCipher
import MPushModel
import MPushTLS
import MPushWire
import NIOCore

/// The server's half of the opening: HANDSHAKE and BIND, all granted.
extension ReplayConnection {
    private static let heartbeat = Duration.seconds(180)
    private static let expiry: Int64 = 4_102_444_800_000

    /// Answers a client until it is bound. Gives the key and the initialisation vector of the session.
    func openSession() throws -> (key: SecretBytes, iv: SecretBytes) {
        let request = try nextFrame(.handshake)
        let handshake = try HandshakeRequest(decoding: try serverKey.decrypt(request.body), of: .handshake)
        let mine = try SecureRandom.bytes(AESCipher.blockSize)
        guard let key = mine.xored(with: handshake.clientKey) else { throw BenchError("the client's key is too short") }
        let answer = HandshakeAnswer(
            serverKey: mine, heartbeat: Self.heartbeat, sessionID: "bench", expireTime: Self.expiry)
        let sealed = try AESCipher(key: handshake.clientKey, iv: handshake.iv).encrypt(answer.encoded)
        try send(Frame(command: .handshake, flags: .crypto, sessionID: request.sessionID, body: sealed))
        let bind = try nextFrame(.bind)
        let done = OkAnswer(command: .bind, code: .none, data: "")
        try send(Frame(command: .ok, sessionID: bind.sessionID, body: done.encoded))
        return (key, handshake.iv)
    }

    private func nextFrame(_ command: Command) throws -> Frame {
        while true {
            // It may have come together with the end of the TLS handshake.
            try readPlaintext()
            if let frame = decoder.next() {
                guard frame.command == command else { throw BenchError("\(frame.command) instead of \(command)") }
                return frame
            }
            guard try receive() else { throw BenchError("the client left before it was bound") }
        }
    }

    private func send(_ frame: Frame) throws {
        var bytes = ByteBuffer()
        try frame.write(to: &bytes)
        try engine.write(bytes)
        try sendOutput()
    }
}
