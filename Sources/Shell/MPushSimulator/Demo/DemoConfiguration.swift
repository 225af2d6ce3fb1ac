/// The configuration that the demo gives to mpushd: as short a patience as may be set, so that a scene does not take long.
package enum DemoConfiguration {
    package static let fileName = "mpushd.toml"
    package static let authorityFileName = "ca.pem"
    package static let publicKeyFileName = "server-rsa.pem"
    private static let stateDirectoryName = "state"

    /// TOML for a server at `endpoint`, whose files lie in `directory`, an absolute path.
    package static func text(endpoint: String, directory: String) -> String {
        ClientConfigurationFile.text(
            endpoint: endpoint, publicKeyPath: "\(directory)/\(publicKeyFileName)",
            authorityPath: "\(directory)/\(authorityFileName)", statePath: "\(directory)/\(stateDirectoryName)")
                + """

                [heartbeat]
                confirm_timeout = "1s"

                [reconnect]
                min = "300ms"
                max = "600ms"
                reset_after = "1s"

                [log]
                level = "debug"

                """
    }
}
