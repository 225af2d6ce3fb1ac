import MPushConfiguration
import Testing

@Suite struct ConfigurationWarningTests {
    private let openFile = FileCondition.readable(mode: 0o100644, size: 100)

    @Test func plaintextIsWarnedOf() throws {
        let text = minimal.replacing("[identity]", with: "transport = \"plaintext\"\n[identity]")
        #expect(
            try warnings(text) == [
                """
                mpushd.toml:4: warning: server.transport: only MPush's own encryption protects this connection: \
                anyone on the network path can intercept it. Write "tls" if the server supports it.
                """
            ])
    }

    @Test func tlsSettingsWithoutTLSAreWarnedOf() throws {
        let text = minimal.replacing("[identity]", with: "transport = \"plaintext\"\n[tls]\n[identity]")
        #expect(
            try warnings(text).last
                == "mpushd.toml:5: warning: tls: has no effect with server.transport = \"plaintext\".")
    }

    @Test func anAllocatorInTheClearIsWarnedOf() throws {
        let text = minimal.replacing("[identity]", with: "allocator = \"http://a.example/\"\n[identity]")
        #expect(
            try warnings(text) == [
                """
                mpushd.toml:4: warning: server.allocator: http://a.example/ is queried without TLS: anyone on \
                the network path can answer with another server. Use https if it supports it, or set tls.pins, \
                tls.ca_file or tls.server_name.
                """
            ])
    }

    @Test func anEndpointTwiceIsWarnedOf() throws {
        let text = minimal.replacing("[\"push", with: "[\"PUSH.example.com:3443\", \"push")
        #expect(
            try warnings(text)
                == ["mpushd.toml:2: warning: server.endpoints: push.example.com:3443 is listed more than once."])
    }

    @Test func aSecretThatEveryoneCanReadIsWarnedOf() throws {
        let text = minimal + "credential_file = \"/k\"\n[tls]\nclient_certificate = \"/c\"\nclient_key = \"/k\"\n"
        let found = try warnings(text, in: FakeEnvironment(files: ["/k": openFile, "/c": openFile]))
        let message = """
            /k: every user of this machine can read this secret (mode 0644). Set mode 0640 or less, or hand it \
            over with LoadCredential=.
            """
        #expect(
            found == [
                "mpushd.toml:6: warning: identity.credential_file: \(message)",
                "mpushd.toml:9: warning: tls.client_key: \(message)",
            ])
    }

    @Test func aCredentialInAFileThatEveryoneCanReadIsWarnedOf() throws {
        let text = minimal + "credential = \"hunter2\"\n"
        #expect(try warnings(text) == [])
        #expect(
            try warnings(text, in: FakeEnvironment(files: [fileName: openFile])) == [
                """
                mpushd.toml:6: warning: identity.credential: every user of this machine can read this file \
                (mode 0644). Set mode 0640 or less, or use credential_file.
                """
            ])
    }

    @Test func aClientTypeThatTheServerDoesNotKnowIsWarnedOf() throws {
        #expect(
            try warnings(minimal + "[client]\nos_name = \"toaster\"\n") == [
                """
                mpushd.toml:7: warning: client.os_name: "toaster" is not a client type that a stock server knows. \
                It knows android, ios, windows, mac, linux, web, h5.
                """
            ])
    }
}
