import Foundation
import MPushCipher
import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushSession
import MPushSimulator
import MPushTestSupport
import Testing

@testable import MPushConnection

/// What the configuration's keys declare about a reload is what a reload does, where that can be told from what was loaded.
@Suite struct ReloadEffectTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        let authority = try ThrowawayAuthority()
        let client = try authority.issue(names: ["till-7"])
        try directory.write("server-rsa.pem", ReloadEffectTests.keys[0].utf8)
        try directory.write("other-rsa.pem", ReloadEffectTests.keys[1].utf8)
        try directory.write("ca.pem", authority.certificatePEM)
        try directory.write("revoked.pem", try authority.revocationListPEM())
        for name in ["a.pem", "b.pem", "b.key"] {
            try directory.write(name, client.chainPEM + Array("\n".utf8) + client.keyPEM.exposed)
        }
        for name in ["alice", "hook"] { try directory.write(name, "secret".utf8) }
    }

    private static let keys = (0..<2).map { _ in (try? RSAPrivateKey.generate(bits: 2048))?.publicKey.base64 ?? "" }

    private func load(_ text: String) throws -> LoadedSettings {
        let path = try directory.write("mpushd.toml", text.replacing("/etc/mpushd", with: directory.url.path).utf8)
        return try SettingsLoader.load(
            path, version: "test", now: MachineClock().wall, environment: MachineEnvironment())
    }

    /// Those of which something is loaded.
    private static let loadedKeys = ChangedKey.all.filter { key in
        !["log.", "state.", "inbox.", "api."].contains { key.path.hasPrefix($0) }
    }

    @Test(arguments: loadedKeys)
    func aConnectionIsRenewedForTheKeysThatDeclareIt(_ key: ChangedKey) throws {
        let declared = try #require(ConfigurationKey.all.first { $0.path == key.path }).effect
        let (old, new) = (try load(key.before), try load(key.after))
        let profiles = (try #require(old.identities.first), try #require(new.identities.first))
        let isRenewed = new.needsNewConnection(for: profiles.1, since: old, profiles.0)
        #expect(isRenewed == (declared == .byNewConnection))
        // What a session is told when it begins: no reload can tell it to one that is there, but how much it may send.
        var session = profiles.0.session
        session.maximumSend = profiles.1.session.maximumSend
        if session != profiles.1.session, !isRenewed { #expect(declared == .atNextConnection) }
        // The policy, the user and the routes are handed on with the reload.
        if old.configuration.reconnect != new.configuration.reconnect { #expect(declared == .atOnce) }
        if profiles.0.identity != profiles.1.identity || old.routes != new.routes, !isRenewed {
            #expect(declared == .atOnce)
        }
    }

    @Test func anotherContentOfAFileCounts() throws {
        let text = try #require(ChangedKey.all.first { $0.path == "tls.ca_file" }).after
        let old = try load(text)
        try directory.write("ca.pem", try ThrowawayAuthority().certificatePEM)
        let new = try load(text)
        let profile = try #require(new.identities.first)
        #expect(new.needsNewConnection(for: profile, since: old, profile))
        #expect(Configuration.changes(from: old.configuration, to: new.configuration) == [])
    }
}
