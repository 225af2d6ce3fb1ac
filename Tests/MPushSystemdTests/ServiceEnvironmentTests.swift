import MPushSystemd
import Testing

@Suite struct ServiceEnvironmentTests {
    @Test func findsTheFirstOfItsDirectories() {
        let environment = ServiceEnvironment {
            [
                "STATE_DIRECTORY": "/var/lib/mpushd:/var/lib/other", "RUNTIME_DIRECTORY": "/run/mpushd",
                "CONFIGURATION_DIRECTORY": "etc/mpushd",
            ][$0]
        }
        #expect(environment.stateDirectory == "/var/lib/mpushd")
        #expect(environment.runtimeDirectory == "/run/mpushd")
        #expect(environment.configurationDirectory == nil)
        #expect(environment.credentials == nil)
        #expect(environment["OTHER"] == nil)
    }

    @Test func namesCredentialsOnlyInsideTheirDirectory() throws {
        let environment = ServiceEnvironment {
            $0 == "CREDENTIALS_DIRECTORY" ? "/run/credentials/mpushd.service" : nil
        }
        let directory = try #require(environment.credentials)
        #expect(directory.path(of: "client.key") == "/run/credentials/mpushd.service/client.key")
        for name in ["", ".", "..", "../x", "a/b", "/etc/shadow", "a\0b"] { #expect(directory.path(of: name) == nil) }
        #expect(CredentialsDirectory(path: "relative") == nil)
    }
}
