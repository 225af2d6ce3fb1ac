import MPushModel
import MPushTestSupport
import MPushWire
import NIOCore
import Testing

@Suite struct FrameDecoderTests {
    private func frame(_ id: Int32, _ body: String = "") -> Frame {
        Frame(command: .push, flags: .autoAck, sessionID: id, body: ByteBuffer(string: body))
    }

    private func elements(of decoder: inout FrameDecoder) throws(WireError) -> [FrameDecoder.Element] {
        var result: [FrameDecoder.Element] = []
        while let element = try decoder.next() { result.append(element) }
        return result
    }

    @Test func readsTheSameWhereverTheBytesAreSplit() throws {
        var stream = ByteBuffer(bytes: [0xDF, 0xDF])
        try frame(1, "one").write(to: &stream)
        stream.writeInteger(UInt8(0xDF))
        try frame(2).write(to: &stream)
        try frame(3, String(repeating: "x", count: 5000)).write(to: &stream)
        stream.writeInteger(UInt8(0xDF))
        var whole = FrameDecoder(maximumBody: 10_000)
        whole.append(stream)
        let expected = try elements(of: &whole)
        #expect(expected.count == 7)

        var generator = SplitMix64(seed: 11)
        for longest in [1, 2, 3, 13, 14, 100, 4096] {
            var decoder = FrameDecoder(maximumBody: 10_000)
            var rest = stream
            var read: [FrameDecoder.Element] = []
            while rest.readableBytes > 0 {
                let length = min(rest.readableBytes, Int.random(in: 1...longest, using: &generator))
                let part = rest.readSlice(length: length)
                decoder.append(try #require(part))
                read += try elements(of: &decoder)
            }
            #expect(read == expected)
            #expect(decoder.bufferedBytes == 0)
        }
    }

    @Test func refusesALengthBeforeItsBodyArrives() throws {
        var decoder = FrameDecoder(maximumBody: 100)
        decoder.append(ByteBuffer(bytes: [0, 0, 0, 101]))
        #expect(try decoder.next() == nil)
        decoder.append(ByteBuffer(bytes: [Command.ok.rawValue]))
        #expect(throws: WireError.bodyTooLong(length: 101, maximum: 100)) { try decoder.next() }
    }

    /// A gigabyte, as four letters say, is no frame of anybody's.
    @Test func refusesAnotherProtocolAtItsFirstLetters() {
        var decoder = FrameDecoder(maximumBody: 100)
        decoder.append(ByteBuffer(string: "HTTP"))
        #expect(throws: WireError.bodyTooLong(length: 0x4854_5450, maximum: 100)) { try decoder.next() }
    }

    /// Whatever way the bytes come: what is around a message that is too long is read, and it is never kept.
    @Test(arguments: [Command.push, .httpProxy])
    func skipsAMessageThatIsTooLong(command: Command) throws {
        var generator = SplitMix64(seed: 3)
        var stream = ByteBuffer()
        try frame(1, "before").write(to: &stream)
        let long = Frame(
            command: command, flags: .autoAck, sessionID: 2, body: ByteBuffer(repeating: 0xDF, count: 101))
        try long.write(to: &stream)
        try frame(3, "after").write(to: &stream)
        try Frame(command: command, sessionID: 4, body: ByteBuffer(repeating: 7, count: 100_000)).write(to: &stream)
        stream.writeInteger(Frame.heartbeatByte)
        let expected: [FrameDecoder.Element] = [
            .frame(frame(1, "before")),
            .skipped(Frame(command: command, flags: .autoAck, sessionID: 2), length: 101),
            .frame(frame(3, "after")), .skipped(Frame(command: command, sessionID: 4), length: 100_000), .heartbeat,
        ]
        for longest in [1, 2, 5, 13, 50, 200, 200_000] {
            var decoder = FrameDecoder(maximumBody: 100)
            var read: [FrameDecoder.Element] = []
            var rest = stream
            while rest.readableBytes > 0 {
                let length = min(rest.readableBytes, Int.random(in: 1...longest, using: &generator))
                let part = rest.readSlice(length: length)
                decoder.append(try #require(part))
                read += try elements(of: &decoder)
                #expect(decoder.bufferedBytes <= 113)
            }
            #expect(read == expected)
            #expect(decoder.bufferedBytes == 0)
        }
    }

    @Test func acceptsTheLongestBody() throws {
        var stream = ByteBuffer()
        try frame(1, String(repeating: "x", count: 100)).write(to: &stream)
        var decoder = FrameDecoder(maximumBody: 100)
        decoder.append(stream)
        #expect(try elements(of: &decoder).count == 1)
    }

    @Test(arguments: [[0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0x80]] as [[UInt8]])
    func refusesANegativeLength(bytes: [UInt8]) {
        var decoder = FrameDecoder(maximumBody: 100)
        decoder.append(ByteBuffer(bytes: bytes))
        #expect(throws: WireError.self) { try decoder.next() }
    }

    @Test func keepsNoMoreThanOneIncompleteFrame() throws {
        var stream = ByteBuffer()
        for id in 1...100 { try frame(Int32(id), String(repeating: "y", count: 50)).write(to: &stream) }
        let length = stream.readableBytes
        var decoder = FrameDecoder(maximumBody: 100)
        let part = stream.readSlice(length: length - 10)
        decoder.append(try #require(part))
        #expect(try elements(of: &decoder).count == 99)
        #expect(decoder.bufferedBytes == 53)
        decoder.append(stream)
        #expect(try elements(of: &decoder).count == 1)
        #expect(decoder.bufferedBytes == 0)
    }

    @Test func randomBytesNeverCrashIt() {
        var generator = SplitMix64(seed: 3)
        for _ in 0..<2000 {
            var decoder = FrameDecoder(maximumBody: 1000)
            let noise = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) & 0x0F }
            decoder.append(ByteBuffer(bytes: noise))
            while case .some(.some(let element)) = try? decoder.next() {
                if case .frame(let frame) = element {
                    _ = try? ServerMessage(command: frame.command, body: frame.body)
                    _ = try? ClientMessage(command: frame.command, body: frame.body)
                }
            }
        }
    }
}
