import MPushCipher
import MPushModel
import MPushSimulator
import MPushSystemd
import NIOCore
import Testing

/// The server's key can have any size that MPush's peers can use: both sides take the blocks of the handshake from it.
@Suite struct ServerKeyTests {
    @Test(arguments: [1024, 1536, 2048, 3072, 4096])
    func comesOnlineWithAKeyOf(bits: Int) async throws {
        try await Workplace.run(Workplace(keyBits: bits)) { place in
            // A device id that takes the handshake beyond one block of a short key.
            let identity = "user = \"alice\"\ndevice_id = \"\(String(repeating: "d", count: 128))\""
            try await place.start(place.configuration(identity: identity))
            #expect(try await place.online().text.contains("(handshake in "))
            #expect(try await place.simulator.statistics().get().handshakes == 1)
            #expect(place.simulator.publicKey.bits == bits)
            let warning = place.sink.records.first { $0.event == .weakServerKey }
            #expect(warning?.text.contains("has \(bits) bits") == (bits < 2048 ? true : nil))
        }
    }
}

/// While the server changes its key, the daemon knows both.
extension ServerKeyTests {
    @Test func theNextKeyIsTriedAfterARefusal() async throws {
        try await Workplace.run(Workplace()) { place in
            let other = try RSAPrivateKey.generate().publicKey.base64
            let text = place.configuration().replacing(/public_key *= *("[^"]*")/) { match in
                "public_key = [\"\(other)\", \(match.1)]"
            }
            #expect(text.contains(other))
            try await place.start(text)
            _ = try await place.online()
            #expect(try await place.simulator.statistics().get().handshakes == 1)
        }
    }
}
