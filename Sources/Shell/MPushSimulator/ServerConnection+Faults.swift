import Glibc
import MPushCipher
import MPushModel
import MPushTLS
import MPushWire
import NIOCore

extension ServerConnection {
    /// What a zlib bomb inflates to, in bytes.
    private static let bombSize = 16 * 1024 * 1024

    /// Does `fault` to this connection, or makes it last.
    func meet(_ fault: SimulatorFault) {
        guard context != nil else { return }
        core.record(.fault(fault), of: self)
        if session.behaviour.take(fault) { return behaviourChanged() }
        do {
            try perform(fault)
        } catch {
            close(.failure("\(error)"))
        }
    }

    /// Ends what is lasting in `fault`.
    func lift(_ fault: SimulatorFault) {
        if session.behaviour.take(fault, lifted: true) { behaviourChanged() }
    }

    /// Treats the connection well again.
    func liftAll() {
        session.behaviour = ConnectionBehaviour()
        behaviourChanged()
    }

    /// Tells the client that its user is bound elsewhere. The connection stays.
    func kick() {
        guard sealer.hasSession, let user = session.user else { return }
        core.registry.statistics.kicks += 1
        core.record(.kicked(user: user), of: self)
        send(.kick(device: session.deviceID, user: user))
    }

    private func behaviourChanged() {
        context?.channel.setOption(ChannelOptions.autoRead, value: session.behaviour.reads).whenFailure { _ in }
    }

    private func perform(_ fault: SimulatorFault) throws {
        switch fault {
        case .cutFrame(let after): try cutFrame(after)
        case .sendRubbish: write(ByteBuffer(bytes: (0..<64).map { 0xFF &- $0 &* 7 }))
        case .sendUnknownCommand:
            send(PlainFrame(Command(rawValue: 99), number: 1, body: ByteBuffer(string: "?"), isSealed: false))
        case .sendOversizeLength: write(oversizeHeader())
        case .sendBadCiphertext: try sendPush(body: badCiphertext(), [.crypto])
        case .sendZlibBomb: try sendPush(body: bomb(), [.crypto, .compress])
        case .kick: kick()
        case .close: close(.fault)
        case .reset: reset()
        case .expireSessions, .refuseConnections: core.perform(fault)
        case .muteHeartbeats, .sayNothing, .sayNothingBeforeTLS, .stopReading, .writeBytewise, .answerLate,
            .answerTwice, .tellHeartbeat, .denyDevice, .refuseBind:
            break
        }
    }

    private func cutFrame(_ after: SimulatorFault.AfterCut) throws {
        let text = ByteBuffer(string: "this push is cut short in the middle of a sentence that never")
        let whole = try frame(
            PlainFrame(.push, number: core.takeNumbers(1), body: text, isSealed: true))
        write(whole.getSlice(at: whole.readerIndex, length: whole.readableBytes / 2) ?? whole)
        switch after {
        case .close: close(.fault)
        case .silence: session.behaviour.isSilent = true
        }
    }

    private func oversizeHeader() -> ByteBuffer {
        var header = ByteBuffer()
        header.writeInteger(Int32.max - 15)
        header.writeInteger(Command.push.rawValue)
        header.writeRepeatingByte(0, count: 8)
        return header
    }

    /// A push whose body is as it is: nothing is sealed.
    private func sendPush(body: ByteBuffer, _ flags: PacketFlags) throws {
        var bytes = ByteBuffer()
        let flags = flags.union(.autoAck)
        try Frame(command: .push, flags: flags, sessionID: core.takeNumbers(1), body: body).write(to: &bytes)
        write(bytes)
    }

    /// Whole blocks whose padding is wrong under the connection's key.
    private func badCiphertext() throws -> ByteBuffer {
        while true {
            let blocks = ByteBuffer(bytes: try SecureRandom.bytes(2 * AESCipher.blockSize).exposed)
            if !sealer.canDecrypt(blocks) { return blocks }
        }
    }

    private func bomb() throws -> ByteBuffer {
        try sealer.encrypt(Zlib.deflate(ByteBuffer(repeating: 0, count: Self.bombSize)))
    }

    /// Closes below TLS, which would say goodbye, with a linger time of nothing: the kernel sends RST.
    private func reset() {
        guard let context else { return }
        isClosing = true
        closeReason = .fault
        let option = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        option?.whenFailure { _ in }
        let below = try? context.pipeline.syncOperations.context(handlerType: TLSHandler.self)
        (below ?? context).close(promise: nil)
    }
}
