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
}
