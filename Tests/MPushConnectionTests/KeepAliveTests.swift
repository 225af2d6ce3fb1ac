import Testing

@testable import MPushConnection

/// What servers say of how long they leave a connection open.
@Suite struct KeepAliveTests {
    @Test(
        arguments: [
            ("timeout=5", 5), ("timeout=5, max=100", 5), ("max=100,Timeout = 7", 7), ("timeout=0", 0), ("max=5", nil),
            ("timeout=", nil), ("timeout=-1", nil), ("timeout=x", nil), ("", nil),
            ("timeout=99999999999999999999", nil), ("timeout=9999999999", 86_400),
        ] as [(String, Int?)])
    func theTimeoutIsRead(field: String, seconds: Int?) {
        let answer = HTTPAnswer(status: 200, reason: "", fields: [(name: "keep-alive", value: field)])
        #expect(KeepAlive.timeout(in: answer) == seconds.map { .seconds($0) })
    }
}
