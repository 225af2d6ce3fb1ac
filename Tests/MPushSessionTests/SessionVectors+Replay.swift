import MPushCipher
import MPushModel
import MPushSession
import MPushTestSupport
import NIOCore
import Testing

extension SessionVectors {
    /// The client's half of the keys that the capture was made with.
    func secrets() throws -> HandshakeSecrets {
        try #require(HandshakeSecrets(clientKey: secret("clientKey"), iv: secret("iv")))
    }

    /// The stored session that the capture begins with, nil where it begins with a handshake.
    func ticket(named name: String) throws -> SessionTicket? {
        switch name {
        case "session_b_fast_connect": try ticket(session: "sessionId", key: "sessionKey", iv: "iv")
        case "session_c_expired": try ticket(session: "oldSessionId", key: "oldSessionKey", iv: "oldIv")
        default: nil
        }
    }

    /// The Java client leaves the timestamp of its handshake 0: the wall time at the connection's beginning that makes
    /// ours 0 as well. Not the epoch where the handshake follows a refused FAST_CONNECT.
    var wallTimeOfZeroTimestamp: WallTime {
        let isRefused = frames.contains { $0.cmd == "ERROR" }
        let connected = chunks.first { $0.dir == "connect" }
        guard isRefused, let connected, let refused = chunks.first(where: { $0.dir == "s2c" }) else {
            return WallTime(millisecondsSince1970: 0)
        }
        return WallTime(millisecondsSince1970: -(refused.instant - connected.instant).wholeMilliseconds)
    }

    private func ticket(session: String, key: String, iv: String) throws -> SessionTicket {
        let keys = try CipherKeys(key: secret(key), iv: secret(iv))
        let sessionID = try #require(self.keys[session]?.text)
        return SessionTicket(
            sessionID: SecretBytes(sessionID.utf8), keys: try #require(keys), deviceID: "jdevice-cap",
            client: "android\n6.0\n2.0",
            expires: self.keys["expireTime"]?.number.map { WallTime(millisecondsSince1970: $0) })
    }

    private func secret(_ name: String) throws -> SecretBytes {
        SecretBytes(try #require(keys[name]?.text.flatMap { bytes(hex: $0) }))
    }
}

extension SessionVectors.Chunk {
    var instant: Instant { .zero + .milliseconds(Int64((t * 1000).rounded())) }

    func buffer() throws -> ByteBuffer { ByteBuffer(bytes: try #require(bytes(hex: hex))) }
}

extension PacketVectors.Keys {
    /// The key pair that the captured server had.
    func rsaPrivateKey() throws -> RSAPrivateKey {
        try RSAPrivateKey(
            modulus: try number(n), publicExponent: try number(e), privateExponent: SecretBytes(try number(d)))
    }

    /// The vectors leave out leading zeros, half a byte's too.
    private func number(_ digits: String) throws -> [UInt8] {
        try #require(bytes(hex: digits.count.isMultiple(of: 2) ? digits : "0" + digits))
    }
}
