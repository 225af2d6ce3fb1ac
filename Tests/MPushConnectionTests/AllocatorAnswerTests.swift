import MPushConfiguration
import MPushModel
import Testing

@testable import MPushConnection

/// What is made of an allocator's answer (PROTOCOL.md section 8).
@Suite struct AllocatorAnswerTests {
    @Test(arguments: [
        ("192.0.2.7:3000,192.0.2.8:3000", ["192.0.2.7:3000", "192.0.2.8:3000"]),
        ("192.0.2.7:3000", ["192.0.2.7:3000"]), ("", []), (" \n", []), (",,", []),
        (
            "192.0.2.7:3000,\n[2001:db8::7]:3000 ,push.example.com:1",
            [
                "192.0.2.7:3000", "[2001:db8::7]:3000", "push.example.com:1",
            ]
        ),
        ("nonsense,192.0.2.7,192.0.2.7:0,192.0.2.7:70000,192.0.2.9:9", ["192.0.2.9:9"]),
        ("<html><body>502 Bad Gateway</body></html>", []),
    ])
    func takesWhatIsAServerInItsOrder(text: String, endpoints: [String]) {
        #expect(AllocatorClient.endpoints(in: text).map(\.description) == endpoints)
    }

    /// A portal that wants a login answers 200 to everything, and its scripts are full of what looks like servers.
    @Test(arguments: [
        ("<script>x={a:1,b:2,c:3}</script>", nil), ("\n \u{FEFF}<!DOCTYPE html><p>b:2", "text/plain"),
        ("please log in,b:2", "text/html; charset=utf-8"), ("x={a:1,b:2}", "TEXT/HTML"),
    ])
    func aPageIsNoList(text: String, type: String?) {
        #expect(AllocatorClient.isPage(text, type: type))
    }

    @Test(arguments: [
        ("192.0.2.7:3000,push.example.com:1\n", "text/html"), ("", "text/html"), ("nonsense,192.0.2.9:9", "text/plain"),
        ("nonsense,192.0.2.9:9", nil),
    ])
    func aListIsOneWhateverItIsCalled(text: String, type: String?) {
        #expect(!AllocatorClient.isPage(text, type: type))
    }
}
