package import MPushCipher
package import MPushWire
package import NIOCore

/// Opens what a client sealed and seals what goes to it, with the keys that hold at the time (PROTOCOL.md section 3).
/// Belongs to one event loop.
package struct FrameSealer {
    private let privateKey: RSAPrivateKey
    private var cipher: AESCipher?

    /// For a connection without a session: all is for the server's own key.
    package init(privateKey: RSAPrivateKey) {
        self.privateKey = privateKey
    }

    /// Whether there is a session, so that something can be sealed.
    package var hasSession: Bool { cipher != nil }

    /// Takes the keys of a session, from here on in both directions.
    package mutating func use(_ keys: SessionKeys) throws(CipherError) {
        cipher = try AESCipher(key: keys.key, iv: keys.iv)
    }

    /// What `frame` says. HANDSHAKE is for the server's own key even where there is a session.
    package func open(_ frame: Frame, maximumInflated: Int) throws -> ClientMessage {
        let body = SealedBody(
            bytes: frame.body, isEncrypted: frame.flags.contains(.crypto),
            isCompressed: frame.flags.contains(.compress))
        let plain = try body.opened(with: decrypter(for: frame.command), maximumInflated: maximumInflated)
        return try ClientMessage(command: frame.command, body: plain)
    }

    /// The frame as it goes on the wire; sealed bodies longer than `threshold` bytes are compressed. What was to be sealed
    /// goes raw where there is no session.
    package func seal(_ frame: PlainFrame, compressOver threshold: Int) throws(CipherError) -> Frame {
        let body = try SealedBody(
            sealing: frame.body, with: frame.isSealed ? cipher : nil, compressOver: frame.isSealed ? threshold : nil)
        var flags = frame.flags
        if body.isEncrypted { flags.insert(.crypto) }
        if body.isCompressed { flags.insert(.compress) }
        return Frame(command: frame.command, flags: flags, sessionID: frame.number, body: body.bytes)
    }

    private func decrypter(for command: Command) -> any BodyDecrypting {
        guard let cipher, command != .handshake else { return privateKey }
        return cipher
    }

    /// `plain` encrypted as a body of its own, whatever it is; raw where there is no session.
    func encrypt(_ plain: ByteBuffer) throws(CipherError) -> ByteBuffer {
        try cipher?.encrypt(plain) ?? plain
    }

    /// Whether `sealed` could be read with the session's keys.
    func canDecrypt(_ sealed: ByteBuffer) -> Bool {
        guard let cipher else { return false }
        return (try? cipher.decrypt(sealed)) != nil
    }
}

/// A frame on its way to a client, its body still plain.
package struct PlainFrame: Equatable, Sendable {
    package let command: Command
    /// The ack flags, where it is a push; CRYPTO and COMPRESS are added when the body is sealed.
    package let flags: PacketFlags
    package let number: Int32
    package let body: ByteBuffer
    /// Whether the body is encrypted with the connection's current cipher. PROTOCOL.md section 5 has the list.
    package let isSealed: Bool

    package init(
        _ command: Command, flags: PacketFlags = [], number: Int32, body: ByteBuffer = ByteBuffer(), isSealed: Bool
    ) {
        self.command = command
        self.flags = flags
        self.number = number
        self.body = body
        self.isSealed = isSealed
    }

    static func raw(_ command: Command, answering header: RequestHeader, _ body: some PacketBody) -> PlainFrame {
        PlainFrame(command, number: header.number, body: body.encoded, isSealed: false)
    }

    static func sealed(
        _ command: Command, answering header: RequestHeader, _ body: some PacketBody
    ) -> PlainFrame {
        PlainFrame(command, number: header.number, body: body.encoded, isSealed: true)
    }

    /// The user was bound elsewhere; always number 0 (PROTOCOL.md section 5).
    static func kick(device: String, user: String) -> PlainFrame {
        PlainFrame(
            .kick, number: 0, body: KickMessage(deviceID: device, userID: user).encoded, isSealed: true)
    }
}

/// What a frame from a client says besides its body.
package struct RequestHeader: Equatable, Sendable {
    package let command: Command
    package let flags: PacketFlags
    /// The frame's sessionId: an answer repeats it.
    package let number: Int32

    package init(command: Command, flags: PacketFlags, number: Int32) {
        self.command = command
        self.flags = flags
        self.number = number
    }

    package init(_ frame: Frame) {
        self.init(command: frame.command, flags: frame.flags, number: frame.sessionID)
    }
}
