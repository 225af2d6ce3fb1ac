import Foundation
import MPushCipher
import MPushControl
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushSystemd
import NIOCore
import NIOPosix
import Testing

@testable import MPushDaemon
@testable import MPushIdentity

/// Whether the preferred server is there again is found out beside the connection that is there.
@Suite struct PreferenceTests {
    private func look(at endpoint: String, _ place: Workplace) async throws {
        let endpoint = try Endpoint(parsing: endpoint)
        try await place.onDaemon { try #require($0.parts?.fleet.runners.first).look(at: endpoint) }
    }

    private func isLooking(_ place: Workplace) async throws -> Bool {
        try await place.onDaemon { $0.parts?.fleet.runners.first?.probe?.isUnderWay == true }
    }

    /// It came back with the other key of the two.
    @Test func aServerWithTheNextKeyIsFoundByTheNextLook() async throws {
        try await Workplace.run(Workplace()) { place in
            let other = try RSAPrivateKey.generate().publicKey.base64
            let text = place.configuration().replacing(/public_key *= *("[^"]*")/) { match in
                "public_key = [\"\(other)\", \(match.1)]"
            }
            try await place.start(text)
            try await place.online()
            let preferred = "localhost:\(place.port)"
            for _ in 1...2 {
                #expect(try await place.simulator.statistics().get().handshakes == 1)
                try await look(at: preferred, place)
                while try await isLooking(place) {}
            }
            #expect(try await place.simulator.statistics().get().handshakes == 2)
        }
    }

    @Test(arguments: [false, true]) func whatIsLookedForUnderOtherSettingsIsOfNoMoreWorth(pauses: Bool) async throws {
        let deaf = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = deaf.localAddress?.port ?? 0
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            try await look(at: "127.0.0.1:\(port)", place)
            try place.write(place.configuration())
            try await place.onDaemon { try $0.reload() }
            #expect(try await isLooking(place))
            let line = place.sink.count
            try place.write(place.configuration(tls: "minimum_version = \"1.3\""))
            try await place.onDaemon { daemon in
                if pauses { daemon.parts?.fleet.runners.first?.pause() } else { try daemon.reload() }
            }
            #expect(try await !isLooking(place))
            _ = try await place.sink.next(after: line) { $0.event == .connectionLost }
        }
        try await deaf.close()
    }
}
