import MPushModel
import MPushTestSupport
import MPushWire
import NIOCore
import Testing

/// Every packet that the server's own classes made, read and written again to the byte.
@Suite struct PacketVectorTests {
    private static let packets = (try? PacketVectors.load().packets) ?? []

    @Test func thereAreAllOfThem() throws {
        #expect(try PacketVectors.load().packets.count == 88)
    }

    @Test(arguments: packets)
    func frameIsReadAndWrittenToTheByte(packet: PacketVectors.Packet) throws {
        let wire = try #require(bytes(hex: packet.frame))
        var decoder = FrameDecoder(maximumBody: 1 << 20)
        decoder.append(ByteBuffer(bytes: wire))
        guard case .frame(let frame)? = try decoder.next() else {
            Issue.record("no frame")
            return
        }
        #expect(frame.command.rawValue == packet.cmd)
        #expect(frame.flags.rawValue == packet.flags)
        #expect(frame.sessionID == packet.sessionId)
        #expect(hex(frame.body.readableBytesView) == packet.body_wire ?? String(packet.frame.dropFirst(26)))
        #expect(try decoder.next() == nil)
        #expect(decoder.bufferedBytes == 0)

        var written = ByteBuffer()
        try frame.write(to: &written)
        #expect(hex(written.readableBytesView) == packet.frame)
        #expect(frame.checkCode == packet.calcCheckCode)
        #expect(frame.longitudinalCheck(checkCode: 0) == UInt8(truncatingIfNeeded: packet.calcLrc_with_cc0))
        #expect(
            frame.longitudinalCheck(checkCode: frame.checkCode) == UInt8(truncatingIfNeeded: packet.calcLrc_with_cc))
    }

    @Test(arguments: packets.filter { $0.plainBody != nil })
    func bodyIsReadAndWrittenToTheByte(packet: PacketVectors.Packet) throws {
        let plain = ByteBuffer(bytes: try #require(packet.plainBody))
        let command = Command(rawValue: packet.cmd)
        if packet.dir == "c2s" {
            let message = try ClientMessage(command: command, body: plain)
            #expect(encoded(message) == plain)
            expect(message, says: packet.fields)
        } else {
            let message = try ServerMessage(command: command, body: plain)
            #expect(encoded(message) == plain)
            expect(message, says: packet.fields)
        }
    }

    /// A body cut anywhere is an error, never a crash and never another message.
    @Test(arguments: packets.filter { ![15, 23].contains($0.cmd) && ($0.plainBody?.count ?? 9999) < 1000 })
    func everyTruncatedBodyIsRefused(packet: PacketVectors.Packet) throws {
        let plain = ByteBuffer(bytes: try #require(packet.plainBody))
        let command = Command(rawValue: packet.cmd)
        for length in 0..<plain.readableBytes {
            let cut = try #require(plain.getSlice(at: 0, length: length))
            #expect(throws: WireError.self) {
                if packet.dir == "c2s" {
                    _ = try ClientMessage(command: command, body: cut)
                } else {
                    _ = try ServerMessage(command: command, body: cut)
                }
            }
        }
    }

    private func encoded(_ message: ClientMessage) -> ByteBuffer? {
        switch message {
        case .handshake(let body): body.encoded
        case .fastConnect(let body): body.encoded
        case .bind(let body), .unbind(let body): body.encoded
        case .httpProxy(let body): body.encoded
        case .push(let content): content
        case .ack, .framedHeartbeat: ByteBuffer()
        case .unhandled: nil
        }
    }

    private func encoded(_ message: ServerMessage) -> ByteBuffer? {
        switch message {
        case .handshake(let body): body.encoded
        case .fastConnect(let body): body.encoded
        case .ok(let body): body.encoded
        case .error(let body): body.encoded
        case .kick(let body): body.encoded
        case .httpProxy(let body): body.encoded
        case .push(let content): content
        case .ack, .framedHeartbeat: ByteBuffer()
        case .unhandled: nil
        }
    }

    private func expect(_ message: ClientMessage, says fields: [String: VectorValue]) {
        switch message {
        case .handshake(let body):
            #expect(body.deviceID == fields["deviceId"]?.text)
            #expect(body.osName == fields["osName"]?.text)
            #expect(body.osVersion == fields["osVersion"]?.text)
            #expect(body.clientVersion == fields["clientVersion"]?.text)
            #expect(hex(body.iv.exposed) == fields["iv"]?.text)
            #expect(hex(body.clientKey.exposed) == fields["clientKey"]?.text)
            #expect(body.minimumHeartbeat == fields["minHeartbeat"]?.number.map { .milliseconds($0) })
            #expect(body.maximumHeartbeat == fields["maxHeartbeat"]?.number.map { .milliseconds($0) })
            #expect(body.timestamp == fields["timestamp"]?.number)
        case .fastConnect(let body):
            #expect(body.sessionID == fields["sessionId"]?.text)
            #expect(body.deviceID == fields["deviceId"]?.text)
        case .bind(let body), .unbind(let body):
            #expect(body.userID == fields["userId"]?.text)
            #expect(String(decoding: body.data.exposed, as: UTF8.self) == fields["data"]?.text)
            if let length = fields["tags_len"]?.number { #expect(Int64(body.tags.utf8.count) == length) }
            if let tags = fields["tags"]?.text { #expect(body.tags == tags) }
        case .httpProxy(let body):
            #expect(Int64(body.method.rawValue) == fields["method"]?.number)
            #expect(body.uri == fields["uri"]?.text)
            let headers = fields["headers"]?.object ?? [:]
            #expect(body.headers.count == headers.count)
            for header in body.headers { #expect(headers[header.name]?.text == header.value) }
            #expect(hex(body.body.readableBytesView) == fields["body"]?.text)
        case .push(let content):
            #expect(hex(content.readableBytesView) == fields["content"]?.text)
        case .ack, .framedHeartbeat:
            break
        case .unhandled(let command):
            Issue.record("\(command) is not understood")
        }
    }

    private func expect(_ message: ServerMessage, says fields: [String: VectorValue]) {
        switch message {
        case .handshake(let body):
            #expect(hex(body.serverKey.exposed) == fields["serverKey"]?.text)
            #expect(body.heartbeat == fields["heartbeat"]?.number.map { .milliseconds($0) })
            #expect(body.sessionID == fields["sessionId"]?.text)
            #expect(body.expireTime == fields["expireTime"]?.number)
        case .fastConnect(let body):
            #expect(body.heartbeat == fields["heartbeat"]?.number.map { .milliseconds($0) })
        case .ok(let body):
            #expect(Int64(body.command.rawValue) == fields["cmd"]?.number)
            #expect(Int64(body.code.rawValue) == fields["code"]?.number)
            #expect(body.data == fields["data"]?.text)
        case .error(let body):
            #expect(Int64(body.command.rawValue) == fields["cmd"]?.number)
            #expect(Int64(body.code.rawValue) == fields["code"]?.number)
            #expect(body.reason == fields["reason"]?.text)
            #expect(body.data == fields["data"]?.text)
        case .kick(let body):
            #expect(body.deviceID == fields["deviceId"]?.text)
            #expect(body.userID == fields["userId"]?.text)
        case .push(let content):
            if let expected = fields["content"]?.text { #expect(hex(content.readableBytesView) == expected) }
        case .httpProxy(let body):
            #expect(Int64(body.status) == fields["statusCode"]?.number)
            #expect(body.reason == fields["reasonPhrase"]?.text)
            if let length = fields["body_len"]?.number {
                #expect(Int64(body.body.readableBytes) == length)
                #expect(body.body.readableBytesView.enumerated().allSatisfy { $1 == UInt8(truncatingIfNeeded: $0) })
            }
        case .ack, .framedHeartbeat:
            break
        case .unhandled(let command):
            Issue.record("\(command) is not understood")
        }
    }
}
