import MPushModel
import MPushWire
import NIOCore
import Testing

@Suite struct BodyTests {
    @Test(arguments: [0, 1, 32_766, 32_767, 32_768, 70_000])
    func aFieldOfAnyLengthComesBack(length: Int) throws {
        let body = BindRequest(userID: "u", data: SecretBytes([]), tags: String(repeating: "t", count: length))
        #expect(try BindRequest(decoding: body.encoded, of: .bind) == body)
    }

    @Test(
        arguments: [[0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]]
            as [[UInt8]])
    func aNegativeOrOverlongFieldIsRefused(length: [UInt8]) {
        let body = ByteBuffer(bytes: length + [UInt8](repeating: 0x41, count: 40_000))
        #expect(throws: WireError.truncatedBody(.kick, field: "deviceId")) {
            try KickMessage(decoding: body, of: .kick)
        }
    }

    @Test func bytesThatAreLeftOverAreIgnored() throws {
        let answer = FastConnectAnswer(heartbeat: .seconds(180))
        var body = answer.encoded
        body.writeString("later versions may say more")
        #expect(try FastConnectAnswer(decoding: body, of: .fastConnect) == answer)
    }

    @Test func aHeartbeatBeyondTheFieldIsHeldToIt() throws {
        let body = FastConnectAnswer(heartbeat: .seconds(1 << 40)).encoded
        #expect(try FastConnectAnswer(decoding: body, of: .fastConnect).heartbeat == .milliseconds(Int64(Int32.max)))
    }

    @Test func headersAreCutAtTheFirstColon() throws {
        let headers = [HTTPProxyHeader(name: "a", value: "b:c"), HTTPProxyHeader(name: "empty", value: "")]
        let request = HTTPProxyRequest(method: .put, uri: "http://x/", headers: headers, body: ByteBuffer(string: "b"))
        #expect(try HTTPProxyRequest(decoding: request.encoded, of: .httpProxy) == request)
    }

    @Test func aMethodWithoutMeaningIsRefused() {
        let body = ByteBuffer(bytes: [9, 0, 0, 0, 0, 0, 0])
        #expect(throws: WireError.badValue(.httpProxy, field: "method")) {
            try HTTPProxyRequest(decoding: body, of: .httpProxy)
        }
    }

    @Test(arguments: [511, 512, 513, 4 << 20])
    func ofTheWordsOfAServerNoMoreIsKeptThanIsShown(bytes: Int) throws {
        let words = String(repeating: "x", count: bytes)
        let error = ErrorAnswer(command: .bind, code: .none, reason: words, data: words)
        let ok = OkAnswer(command: .bind, code: .none, data: words)
        let http = HTTPProxyAnswer(status: 200, reason: words, headers: [], body: ByteBuffer())
        let kick = KickMessage(deviceID: words, userID: words)
        let readError = try ErrorAnswer(decoding: error.encoded, of: .error)
        let readKick = try KickMessage(decoding: kick.encoded, of: .kick)
        let kept = [
            readError.reason, readError.data, try OkAnswer(decoding: ok.encoded, of: .ok).data,
            try HTTPProxyAnswer(decoding: http.encoded, of: .httpProxy).reason, readKick.deviceID, readKick.userID,
        ]
        for text in kept {
            #expect(text.utf8.count <= 512)
            #expect(bytes <= 512 ? text == words : text.hasSuffix("x…"))
        }
    }

    /// What is not UTF-8 takes three bytes for each.
    @Test func wordsThatAreNoTextAreBoundedAsWell() throws {
        var writer = BodyWriter()
        writer.writeInteger(Command.bind.rawValue)
        writer.writeInteger(Int8(0))
        writer.writeBytes(ByteBuffer(repeating: 0xFF, count: 1 << 20))
        writer.writeString("")
        let error = try ErrorAnswer(decoding: writer.body, of: .error)
        #expect(error.reason.utf8.count <= 512)
    }
}
