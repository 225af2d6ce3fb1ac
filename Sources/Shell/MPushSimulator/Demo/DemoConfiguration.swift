/// The configuration that the demo gives to mpushd: as short a patience as may be set, so that a scene does not take long,
/// and two routes to programs that every Debian has.
package enum DemoConfiguration {
    package static let fileName = "mpushd.toml"
    package static let authorityFileName = "ca.pem"
    package static let publicKeyFileName = "server-rsa.pem"
    package static let socketFileName = "mpushd.sock"
    private static let stateDirectoryName = "state"

    /// The route that has a program print each message.
    package static let printingRoute = "hello"
    /// What that program puts before the message.
    package static let printedWords = "a program has"
    /// The route whose program is never ready at once.
    package static let fragileRoute = "fragile"
    /// What the messages for that one begin with.
    package static let fragileContent = "Handle with care"

    /// TOML for a server at `endpoint`, whose files lie in `directory`, an absolute path.
    package static func text(endpoint: String, directory: String) -> String {
        start(endpoint: endpoint, directory: directory)
            + """

            [heartbeat]
            confirm_timeout = "1s"

            [reconnect]
            min = "300ms"
            max = "600ms"
            reset_after = "1s"

            [[route]]
            name = "\(printingRoute)"
            exec = ["/usr/bin/printf", "\(printedWords) %s\\\\n", "{content}"]

            [[route]]
            name = "\(fragileRoute)"
            exec = ["/bin/sh", "-c", "echo attempt $MPUSH_ATTEMPT; [ $MPUSH_ATTEMPT -gt 1 ] || exit 75"]
            retry_min = "500ms"
            retry_max = "500ms"

            [route.when]
            content = "^\(fragileContent)"

            [log]
            level = "debug"

            """
    }

    /// What is common to all such configurations: server, identity, state and API.
    static func start(endpoint: String, directory: String) -> String {
        ClientConfigurationFile.text(
            endpoint: endpoint, publicKeyPath: "\(directory)/\(publicKeyFileName)",
            authorityPath: "\(directory)/\(authorityFileName)", statePath: "\(directory)/\(stateDirectoryName)",
            deviceID: "desk")
                + """

                [api]
                socket = "\(directory)/\(socketFileName)"

                """
    }
}
