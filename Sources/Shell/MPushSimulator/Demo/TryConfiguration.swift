/// The configuration that `mpush-sim try` gives to mpushd: what a first one looks like, with a route to a program that every
/// Debian has.
package enum TryConfiguration {
    /// What the program puts before each message.
    package static let printedWords = "a program has: "

    /// TOML for a server at `endpoint`, whose files lie in `directory`, an absolute path.
    package static func text(endpoint: String, directory: String) -> String {
        DemoConfiguration.start(endpoint: endpoint, directory: directory)
            + """

            [[route]]
            name = "hello"
            exec = ["/usr/bin/printf", "\(printedWords)%s", "{content}"]

            """
    }
}
