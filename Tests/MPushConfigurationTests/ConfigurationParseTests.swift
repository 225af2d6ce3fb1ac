import MPushConfiguration
import MPushModel
import Testing

@Suite struct ConfigurationParseTests {
    @Test func threeLinesAreEnough() throws {
        let configuration = try parse(minimal)
        #expect(configuration.server.endpoints.map(\.description) == ["push.example.com:3443"])
        #expect(configuration.server.transport == .tls)
        #expect(configuration.server.allocator == nil)
        #expect(configuration.identities.map(\.user) == ["alice"])
        #expect(configuration.identities.map(\.name) == ["alice"])
        #expect(configuration.identities.map(\.deviceID) == [nil])
        #expect(configuration.tls.minimumVersion == .v1_2)
        #expect(configuration.tls.pins.isEmpty)
        #expect(configuration.tls.resumesSessions)
        #expect(configuration.client.osName == "linux")
        #expect(configuration.heartbeat.maximum == .seconds(180))
        #expect(configuration.heartbeat.pingEvery == nil)
        #expect(configuration.heartbeat.confirms)
        #expect(configuration.reconnect.minimum == .seconds(1))
        #expect(configuration.reconnect.maximum == .seconds(120))
        #expect(configuration.limits.maximumBody == 1_048_576)
        #expect(configuration.limits.maximumSend == 10_240)
        #expect(configuration.log.level == .info)
        #expect(configuration.state.directory == nil)
        #expect(try warnings(minimal) == [])
    }

    @Test func everyKeyIsTakenIn() throws {
        let text = """
            [server]
            endpoints = ["push.example.com:3443", "[2001:db8::7]:3443"]
            order = "shuffled"
            allocator = "https://push.example.com/allocator"
            allocator_timeout = "3s"
            public_key = "/etc/mpushd/server-rsa.pem"
            [tls]
            ca_file = "/etc/mpushd/ca.pem"
            crl_file = "/etc/mpushd/revoked.pem"
            client_certificate = "/etc/mpushd/client.pem"
            client_key = "$CREDENTIALS_DIRECTORY/client.key"
            pins = ["sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
            minimum_version = "1.3"
            server_name = "Push.Example.com"
            session_resumption = false
            handshake_timeout = "4s"
            [identity]
            name = "desk"
            user = "alice"
            device_id = "desk-7"
            tags = ["news", "linux"]
            credential_file = "${CREDENTIALS_DIRECTORY}/alice"
            [client]
            os_name = "mac"
            os_version = "14"
            client_version = "9"
            [heartbeat]
            min = "20s"
            max = "2m"
            ping_every = "55s"
            confirm = false
            confirm_timeout = "5s"
            [timeouts]
            resolve = "1s"
            connect = "2s"
            handshake = "3s"
            bind = "4s"
            request = "5s"
            request_retries = 3
            http = "7s"
            tcp_user_timeout = "6s"
            [reconnect]
            min = "500ms"
            max = "1h"
            reset_after = "2m"
            on_kick = "stop"
            kick_wait = "1d"
            [limits]
            max_body = "2MiB"
            max_inflated = "8MiB"
            max_send = 20480
            compress_over = "512"
            [log]
            level = "debug"
            [state]
            directory = "/srv/mpushd"
            """
        let configuration = try parse(text)
        let (server, tls, timeouts) = (configuration.server, configuration.tls, configuration.timeouts)
        #expect(server.endpoints.map(\.host) == ["push.example.com", "2001:db8::7"])
        #expect(server.order == .shuffled)
        #expect(server.allocator?.description == "https://push.example.com/allocator")
        #expect(server.allocatorTimeout == .seconds(3))
        #expect(tls.authorities?.path == "/etc/mpushd/ca.pem")
        #expect(tls.authorities?.location == SourceLocation(file: fileName, line: 8, key: "tls.ca_file"))
        #expect(tls.revocations?.path == "/etc/mpushd/revoked.pem")
        #expect(tls.client?.certificate.path == "/etc/mpushd/client.pem")
        #expect(tls.client?.key.path == "/run/credentials/mpushd.service/client.key")
        #expect(tls.pins.map(\.digest) == [Array(repeating: 0, count: 32)])
        #expect(tls.minimumVersion == .v1_3)
        #expect(tls.serverName == "push.example.com")
        #expect(!tls.resumesSessions)
        #expect(tls.handshakeTimeout == .seconds(4))
        let identity = try #require(configuration.identities.first)
        #expect((identity.name, identity.user) == ("desk", "alice"))
        #expect(identity.deviceID == "desk-7")
        #expect(identity.tags == ["news", "linux"])
        let credential = FileReference(
            path: "/run/credentials/mpushd.service/alice", location: SourceLocation(file: fileName))
        #expect(identity.credential == .file(credential))
        let client = configuration.client
        #expect((client.osName, client.osVersion, client.clientVersion) == ("mac", "14", "9"))
        let heartbeat = configuration.heartbeat
        #expect((heartbeat.minimum, heartbeat.maximum) == (.seconds(20), .seconds(120)))
        #expect((heartbeat.pingEvery, heartbeat.confirms) == (.every(.seconds(55)), false))
        #expect(heartbeat.confirmationTimeout == .seconds(5))
        #expect((timeouts.resolve, timeouts.connect, timeouts.handshake) == (.seconds(1), .seconds(2), .seconds(3)))
        #expect((timeouts.bind, timeouts.request, timeouts.requestRetries) == (.seconds(4), .seconds(5), 3))
        #expect((timeouts.tcpUser, timeouts.http) == (.seconds(6), .seconds(7)))
        let reconnect = configuration.reconnect
        #expect((reconnect.minimum, reconnect.maximum) == (.milliseconds(500), .seconds(3600)))
        #expect((reconnect.resetAfter, reconnect.onKick) == (.seconds(120), .stop))
        #expect(reconnect.kickWait == .seconds(86_400))
        let limits = configuration.limits
        #expect((limits.maximumBody, limits.maximumInflated) == (2 << 20, 8 << 20))
        #expect((limits.maximumSend, limits.compressOver) == (20_480, 512))
        #expect(configuration.log.level == .debug)
        #expect(configuration.state.directory == "/srv/mpushd")
        #expect(try warnings(text) == [])
    }

    @Test func anAllocatorStandsInForEndpoints() throws {
        let text = minimal.replacing(
            "endpoints = [\"push.example.com:3443\"]", with: "allocator = \"https://a.example\"")
        #expect(try parse(text).server.endpoints == [])
        #expect(try parse(text).server.allocator?.host == "a.example")
    }

    @Test func whereAValueIsWrittenIsNoDifference() throws {
        #expect(try parse(minimal) == parse("# one line more\n\n" + minimal))
        #expect(try parse(minimal) != parse(minimal.replacing("alice", with: "bob")))
    }

    @Test func anotherCredentialIsADifference() throws {
        let (one, other) = (minimal + "credential = \"one\"", minimal + "credential = \"two\"")
        #expect(try parse(one) == parse(one))
        #expect(try parse(one) != parse(other))
    }

    @Test func noDescriptionShowsACredential() throws {
        let configuration = try parse(minimal + "credential = \"hunter2\"")
        #expect(configuration.identities.first?.credential != nil)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(!"\(configuration)".contains("hunter2"))
    }

    @Test func tablesMayBeWrittenInlineOrDotted() throws {
        let text = """
            server = {endpoints = ["push.example.com:3443"], public_key = "/etc/mpushd/server-rsa.pem"}
            identity.user = "alice"
            """
        #expect(try parse(text) == parse(minimal))
    }

    @Test func lineEndsAndAByteOrderMarkOfWindowsAreFine() throws {
        let text = "\u{FEFF}" + minimal.replacing("\n", with: "\r\n")
        #expect(try parse(text) == parse(minimal))
    }
}
