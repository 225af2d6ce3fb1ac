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
}
