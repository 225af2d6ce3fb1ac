import Glibc
import MPushCipher
import MPushTLS
import MPushWire
import NIOCore

/// One client of a `ReplayServer`. All of a stream is encrypted before the clock starts, so that the client and the
/// kernel's loopback are all that is measured.
final class ReplayConnection {
    let engine: TLSEngine
    let serverKey: RSAPrivateKey
    var decoder = ClientFrames()
    private let descriptor: CInt
    private var chunk = [UInt8](repeating: 0, count: 65_536)

    private static let sendSize = 256 * 1024
    private static let pollTimeout: CInt = 20_000

    /// Owns `descriptor`.
    init(_ descriptor: CInt, _ engine: TLSEngine, key: RSAPrivateKey) {
        self.descriptor = descriptor
        self.engine = engine
        serverKey = key
    }

    deinit {
        close(descriptor)
    }

    /// The TLS handshake.
    func secure() throws {
        while try engine.handshake() == .wantsInput {
            try sendOutput()
            guard try receive() else { throw BenchError("the client left in the TLS handshake") }
        }
        try sendOutput()
    }

    /// Sends `stream` and waits until all of it is consumed: until every push is acknowledged, or, where none is to be,
    /// until the client has read to the end of the stream and closed. Calls `start` just before the first
    /// byte is sent, and gives how long it took from there.
    func replay(_ stream: PushStream, awaitingAcks: Bool, startingWith start: () throws -> Void) throws -> Duration {
        for record in stream.records { try engine.write(record) }
        if !awaitingAcks { engine.closeNotify() }
        guard let ciphertext = engine.takeOutput() else { throw BenchError("nothing to send") }
        try start()
        let began = ContinuousClock.now
        try exchange(ciphertext, acks: awaitingAcks ? stream.pushes : nil)
        return ContinuousClock.now - began
    }

    /// Sends and receives at once: a client that acknowledges must never wait for us to read.
    private func exchange(_ ciphertext: ByteBuffer, acks: Int?) throws {
        var rest = ciphertext
        var missing = acks ?? 0
        var isOpen = true
        while acks == nil ? isOpen : missing > 0 {
            let events = try wait(writing: rest.readableBytes > 0)
            if events & Int16(POLLOUT) != 0 { try send(&rest) }
            guard events & ~Int16(POLLOUT) != 0 else { continue }
            isOpen = try receive()
            if acks != nil { missing -= try receivedAcks() }
            guard isOpen || rest.readableBytes == 0 && missing <= 0 else {
                throw BenchError("the client left: \(rest.readableBytes) bytes not sent, \(missing) ACKs missing")
            }
        }
    }

    private func wait(writing: Bool) throws(BenchError) -> Int16 {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0), revents: 0)
        guard try checked("poll", { poll(&entry, 1, Self.pollTimeout) }) == 1 else {
            throw BenchError("the client does not read or answer any more")
        }
        return entry.revents
    }

    private func send(_ bytes: inout ByteBuffer) throws(BenchError) {
        let descriptor = descriptor
        let count = try bytes.withUnsafeReadableBytes { source throws(BenchError) in
            try checked("send") {
                Glibc.send(
                    descriptor, source.baseAddress, min(source.count, Self.sendSize),
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
        }
        bytes.moveReaderIndex(forwardBy: count)
    }

    /// Sends all that TLS has to say.
    func sendOutput() throws(BenchError) {
        guard var bytes = engine.takeOutput() else { return }
        while bytes.readableBytes > 0 {
            if try wait(writing: true) & Int16(POLLOUT) != 0 { try send(&bytes) }
        }
    }

    /// Waits for bytes and hands them to TLS. False at the end.
    func receive() throws(BenchError) -> Bool {
        let descriptor = descriptor
        let count = try checked("the client is silent") { recv(descriptor, &chunk, chunk.count, 0) }
        guard count > 0 else { return false }
        engine.receive(ByteBuffer(bytes: chunk[..<count]))
        return true
    }

    private func receivedAcks() throws -> Int {
        var count = 0
        try readPlaintext()
        while let frame = decoder.next() { if frame.command == .ack { count += 1 } }
        return count
    }

    /// Hands all plaintext that is there to the decoder.
    func readPlaintext() throws {
        while true {
            var plaintext = ByteBuffer()
            let outcome = try engine.read(into: &plaintext)
            decoder.append(plaintext)
            if outcome != .hasMore { return }
        }
    }
}
