import MPushModel
import Testing

@testable import MPushConfiguration

/// What a unit's sandbox keeps from a configuration, before the service finds out.
@Suite struct ServiceSandboxTests {
    private static let service = """
        LoadState=loaded
        DynamicUser=yes
        Group=mpush
        ProtectSystem=strict
        ProtectHome=yes
        PrivateTmp=yes
        InaccessiblePaths=-/run/mpushd-instances
        ReadWritePaths=-/srv/push
        StateDirectory=mpushd
        """
    private static let instance = """
        LoadState=loaded
        DynamicUser=yes
        Group=mpush
        ProtectSystem=strict
        TemporaryFileSystem=/etc/mpushd:ro /run/mpushd-instances:ro
        BindReadOnlyPaths=/etc/mpushd/berlin:/etc/mpushd/berlin:rbind /run/x:/run/mpushd-instances/berlin:rbind
        """
    private static let open = ServiceSandbox.Ownership(mode: 0o644, group: "root")
    private static let folder = ServiceSandbox.Ownership(mode: 0o2770, group: "mpush")

    private func complaint(
        _ path: String, _ use: ServicePlace.Use, in show: String = service,
        _ owner: ServiceSandbox.Ownership? = open
    ) throws -> String {
        let sandbox = try #require(ServiceSandbox(of: "mpushd.service", show: show))
        let place = ServicePlace(path: path, use: use, location: SourceLocation(file: "f"))
        return sandbox.complaint(about: place, ownedAs: owner) ?? ""
    }

    @Test(arguments: [
        ("/home/alice/key.pem", "ProtectHome=yes"), ("/root/key.pem", "ProtectHome=yes"),
        ("/tmp/key.pem", "PrivateTmp=yes"), ("/run/mpushd-instances/x", "InaccessiblePaths="),
    ])
    func whatIsHiddenIsSaid(path: String, setting: String) throws {
        let said = try complaint(path, .read)
        #expect(said.contains(setting) && said.contains("does not see it"), "\(said)")
    }

    @Test func whatIsSeenIsNoFault() throws {
        for path in ["/etc/mpushd/key.pem", "/usr/bin/printf", "/homes/x", "/roots"] {
            #expect(try complaint(path, .read) == "")
        }
    }

    @Test func theDropInThatHelpsIsNamed() throws {
        let said = try complaint("/srv/other", .write)
        #expect(
            said.contains("ReadWritePaths=-/srv/other") && said.contains("systemctl edit mpushd.service"), "\(said)")
        #expect(try complaint("/srv/push/new", .write, in: Self.service, Self.folder) == "")
        #expect(
            try complaint(
                "/var/lib/mpushd/box", .write, in: Self.service, ServiceSandbox.Ownership(mode: 0o700, group: "x"))
                == "")
    }

    @Test func anInstanceSeesItsOwnDirectoryAlone() throws {
        #expect(try complaint("/etc/mpushd/berlin/key.pem", .read, in: Self.instance) == "")
        #expect(try complaint("/etc/mpushd/key.pem", .read, in: Self.instance).contains("TemporaryFileSystem="))
        #expect(try complaint("/run/mpushd-instances/berlin/s", .read, in: Self.instance) == "")
    }

    /// Root reads what the service does not.
    @Test func modesAreLookedAtAsTheServiceIs() throws {
        let secret = ServiceSandbox.Ownership(mode: 0o600, group: "root")
        #expect(try complaint("/etc/mpushd/key.pem", .read, in: Self.service, secret).contains("LoadCredential="))
        #expect(try complaint("/run/credentials/mpushd.service/key", .read, in: Self.service, secret) == "")
        let ours = ServiceSandbox.Ownership(mode: 0o640, group: "mpush")
        #expect(try complaint("/etc/mpushd/key.pem", .read, in: Self.service, ours) == "")
        #expect(try complaint("/srv/push", .write, in: Self.service, Self.open).contains("chgrp mpush"))
        #expect(
            try complaint(
                "/etc/mpushd/key.pem", .read, in: Self.service.replacing("DynamicUser=yes", with: "User=x"), secret)
                == "")
    }

    @Test func aUnitThatIsNotThereHasNothingToSay() {
        #expect(ServiceSandbox(of: "mpushd.service", show: "LoadState=not-found\nProtectHome=no") == nil)
        #expect(ServiceSandbox(of: "mpushd.service", show: "") == nil)
    }

    @Test func everythingThatTheConfigurationNamesIsLookedAt() throws {
        let configuration = try parse(
            minimal + """
                credential_file = "/etc/mpushd/credential"
                [tls]
                ca_file = "/etc/mpushd/ca.pem"
                [state]
                directory = "/srv/state/mpushd"
                [[route]]
                name = "a"
                file = "/srv/box/mpushd"
                [[route]]
                name = "b"
                exec = ["/opt/bin/x"]
                """)
        let places = configuration.servicePlaces
        #expect(
            Set(places.map(\.path)) == [
                "/etc/mpushd/server-rsa.pem", "/etc/mpushd/credential", "/etc/mpushd/ca.pem", "/srv/state/mpushd",
                "/srv/box/mpushd", "/opt/bin/x",
            ])
        #expect(places.filter { $0.use == .write }.map(\.path) == ["/srv/state/mpushd", "/srv/box/mpushd"])
    }
}
