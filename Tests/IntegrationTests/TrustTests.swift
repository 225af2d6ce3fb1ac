import Foundation
import MPushConnection
import MPushDaemon
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushSystemd
import MPushTLS
import NIOCore
import Testing

/// Whom the daemon trusts: each refusal says which it was, and no connection is ever made without a good chain.
@Suite struct TrustTests {
    private static let past =
        WallTime(millisecondsSince1970: 1_000_000_000_000)...WallTime(millisecondsSince1970: 1_100_000_000_000)
    private static let future =
        WallTime(millisecondsSince1970: 4_000_000_000_000)...WallTime(millisecondsSince1970: 4_100_000_000_000)

    /// This machine's clocks, with one that is said to be synchronised, or not.
    private struct StatedClock: ClockSource {
        let isWallSynchronised: Bool
        private let clock = MachineClock()

        init(isWallSynchronised: Bool) {
            self.isWallSynchronised = isWallSynchronised
        }

        var now: Instant { clock.now }
        var wall: WallTime { clock.wall }
        var monotonic: Duration { clock.monotonic }
        var bootID: String? { clock.bootID }

        func makeAlarm(
            on eventLoop: any EventLoop, handler: @escaping () -> Void
        ) throws(OSError) -> any ClockAlarm {
            try clock.makeAlarm(on: eventLoop, handler: handler)
        }

        func watchForStep(
            on eventLoop: any EventLoop, handler: @escaping () -> Void
        ) throws(OSError) -> any ClockStepWatch {
            try clock.watchForStep(on: eventLoop, handler: handler)
        }
    }

    private static func machine(isSynchronised: Bool) -> Machine {
        let real = Machine.thisOne
        return Machine(
            clock: StatedClock(isWallSynchronised: isSynchronised), threads: real.threads, network: real.network,
            routes: real.routes, sleepNews: real.sleepNews,
            files: real.files, memory: real.memory, programs: real.programs)
    }

    private func expectRefusal(
        _ code: String, _ place: Workplace, tls: String = "", cause: String = "tls", isSynchronised: Bool = true
    ) async throws {
        try await Workplace.run(place) { place in
            try await place.start(
                place.configuration(tls: tls), on: Self.machine(isSynchronised: isSynchronised))
            let refused = try await place.sink.next(after: 0) { $0.event == .tlsRefused }
            #expect(refused.value(.cause) == cause)
            #expect(refused.value(.tlsFailure) == code)
            #expect(try await place.simulator.statistics().get().handshakes == 0)
        }
    }

    @Test func anExpiredCertificate() async throws {
        try await expectRefusal(
            "expired",
            Workplace { settings, authority in
                settings.identity = try authority.issue(names: ["127.0.0.1"], validity: Self.past).identity
            })
    }

    @Test func aCertificateOfTheFuture() async throws {
        try await expectRefusal(
            "not-yet-valid",
            Workplace { settings, authority in
                settings.identity = try authority.issue(names: ["127.0.0.1"], validity: Self.future).identity
            })
    }

    /// Then it may be the clock, and the wait for that does not grow; the certificate is refused all the same.
    @Test(arguments: [("expired", past), ("not-yet-valid", future)])
    func datesByAClockThatNothingSets(code: String, validity: ClosedRange<WallTime>) async throws {
        try await expectRefusal(
            code,
            Workplace { settings, authority in
                settings.identity = try authority.issue(names: ["127.0.0.1"], validity: validity).identity
            }, cause: "clock", isSynchronised: false)
    }

    @Test func aCertificateForAnotherHost() async throws {
        try await expectRefusal("wrong-host", Workplace(names: ["push.example.com", "192.0.2.7"]))
    }

    @Test func anUnknownAuthority() async throws {
        try await expectRefusal(
            "unknown-authority",
            Workplace { settings, _ in
                settings.identity = try ThrowawayAuthority().issue(names: ["127.0.0.1"]).identity
            })
    }

    @Test func aWrongPin() async throws {
        let pin = "sha256/" + Data(repeating: 7, count: 32).base64EncodedString()
        try await expectRefusal("no-pin-matched", Workplace(), tls: "pins = [\"\(pin)\"]")
    }

    @Test func tls11Only() async throws {
        try await expectRefusal(
            "protocol-version", Workplace { settings, _ in settings.versions = .tls11 ... .tls11 })
    }

    @Test func aClientCertificateThatIsDemandedAndMissing() async throws {
        try await expectRefusal(
            "client-certificate-refused",
            Workplace { settings, authority in settings.clientAuthoritiesPEM = authority.certificatePEM })
    }

    @Test func aStallInTheHandshake() async throws {
        let place = try await Workplace()
        try await place.simulator.inject(.sayNothingBeforeTLS, into: .everyone).get()
        try await expectRefusal("timed-out", place, tls: "handshake_timeout = \"1s\"")
    }

    @Test func aRevokedCertificate() async throws {
        let authority = try ThrowawayAuthority()
        let certificate = try authority.issue(names: ["127.0.0.1"])
        let place = try await Workplace(authority: authority) { settings, _ in
            settings.identity = certificate.identity
        }
        try Data(authority.revocationListPEM(revoking: [certificate])).write(to: place.file("crl.pem"))
        try await expectRefusal("revoked", place, tls: "crl_file = \"\(place.file("crl.pem").path)\"")
    }

    @Test func aClientCertificateThatIsDemandedAndGiven() async throws {
        let authority = try ThrowawayAuthority()
        let place = try await Workplace(authority: authority) { settings, authority in
            settings.clientAuthoritiesPEM = authority.certificatePEM
        }
        try await Workplace.run(place) { place in
            let client = try authority.issue(names: ["till-7"])
            try Data(client.chainPEM).write(to: place.file("client.pem"))
            try Data(client.keyPEM.exposed).write(to: place.file("client.key"))
            let tls = """
                client_certificate = "\(place.file("client.pem").path)"
                client_key = "\(place.file("client.key").path)"
                """
            try await place.start(place.configuration(tls: tls))
            try await place.online()
        }
    }

    @Test func theNameThatIsConfiguredIsChecked() async throws {
        try await Workplace.run(Workplace(names: ["push.example.com"])) { place in
            try await place.start(place.configuration(tls: "server_name = \"push.example.com\""))
            try await place.online()
        }
    }
}
