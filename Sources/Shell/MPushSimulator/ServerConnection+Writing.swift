import MPushWire
import NIOCore

extension ServerConnection {
    func send(_ message: PlainFrame) {
        do {
            write(try frame(message))
        } catch {
            close(.failure("\(error)"))
        }
    }

    /// The message as it goes on the wire.
    func frame(_ message: PlainFrame) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        try append(message, to: &bytes)
        return bytes
    }

    func append(_ message: PlainFrame, to bytes: inout ByteBuffer) throws {
        let threshold = core.registry.settings.compressionThreshold
        try sealer.seal(message, compressOver: threshold).write(to: &bytes)
    }

    /// Writes with the connection's lateness, byte by byte where it is told to.
    func write(_ bytes: ByteBuffer) {
        afterLateness { $0.writeNow(bytes) }
    }

    private func writeNow(_ bytes: ByteBuffer) {
        guard let context else { return }
        guard session.behaviour.writesBytewise else {
            return context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
        var bytes = bytes
        while let byte = bytes.readSlice(length: 1) {
            context.writeAndFlush(wrapOutboundOut(byte), promise: nil)
        }
    }

    func afterLateness(_ action: @escaping (ServerConnection) -> Void) {
        guard session.behaviour.lateness > .zero, let context else { return action(self) }
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(session.behaviour.lateness)) { action(self) }
    }
}
