import ArgumentParser
import Glibc
import MPushCipher
import MPushSimulator
import NIOPosix

/// `mpush-sim serve`: serves until it is told to end.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run a server, print its events, and execute commands from standard input.",
        discussion: "Type help while it runs. Exits at quit, Ctrl-C or SIGTERM.")

    @Option(
        help: ArgumentHelp(
            "Listen on this address; may be repeated. With port 0 the kernel chooses one.", valueName: "address"),
        transform: ServeCommand.listenAddress)
    var listen: [ListenAddress] = []

    @Option(help: ArgumentHelp("Write ca.pem, server-rsa.pem and client.toml into this directory.", valueName: "dir"))
    var directory: String?

    @Flag(help: "Use plain TCP instead of TLS.")
    var plaintext = false

    @Option(help: ArgumentHelp("The server's certificate chain (PEM) instead of a generated one.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The certificate's private key (PEM).", valueName: "file"))
    var key: String?

    @Option(
        name: .customLong("client-ca"),
        help: ArgumentHelp("Require a client certificate from these authorities (PEM).", valueName: "file"))
    var clientAuthorities: String?

    @Option(
        help: ArgumentHelp("The heartbeat interval that clients are told.", valueName: "duration"),
        transform: ServeCommand.duration)
    var heartbeat: Duration = .seconds(180)

    @Option(
        help: ArgumentHelp("Serve an allocator over HTTP at this address.", valueName: "address"),
        transform: ServeCommand.listenAddress)
    var allocator: ListenAddress?

    @Flag(help: "Answer HTTP_PROXY, with an echo of the request.")
    var httpProxy = false

    @Option(help: ArgumentHelp("Refuse to bind this user; may be repeated.", valueName: "user"))
    var refuseUser: [String] = []

    @Option(help: ArgumentHelp("The longest body that is accepted.", valueName: "bytes"))
    var maxPacketSize = SimulatedServerSettings().maximumPacketSize

    @Option(
        help: ArgumentHelp(
            "The size of the generated RSA key: 1024, as in stock MPush, to 4096.", valueName: "bits"
        ))
    var rsaBits = RSAPublicKey.leastSafeBits

    @Flag(
        name: .customLong("no-colour"),
        help: "Print without colours (the default with NO_COLOR set, or when the output is not a terminal).")
    var noColour = false

    @Flag(help: "Also exit at the end of standard input.")
    var untilEOF = false

    func validate() throws {
        if (certificate == nil) != (key == nil) { throw ValidationError("--certificate and --key go together.") }
        if plaintext, certificate != nil || clientAuthorities != nil {
            throw ValidationError("--plaintext cannot be used with certificates.")
        }
        guard heartbeat >= .seconds(1) else { throw ValidationError("--heartbeat must be 1s or more.") }
        guard (1...(1 << 26)).contains(maxPacketSize) else {
            throw ValidationError("--max-packet-size must be 1 to \(1 << 26) bytes.")
        }
        guard RSAPublicKey.canHave(bits: rsaBits) else {
            throw ValidationError("--rsa-bits must be 1024 to 4096, and a multiple of 8.")
        }
    }

    func run() throws {
        let terminal = Terminal(allowsColour: !noColour)
        Signals.termination.block()
        do throws(ProgramFailure) {
            let files = try SimulatorFiles(self)
            MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
                ServeSession(self, files, terminal, on: loop).start()
            }
        } catch {
            terminal.printError(error.description)
            throw ExitCode(error.status)
        }
    }

    private static func listenAddress(_ text: String) throws -> ListenAddress {
        guard let address = ListenAddress(text) else {
            throw ValidationError("\(text) is not an address. Write 127.0.0.1:3000 or [::1]:0.")
        }
        return address
    }

    static func duration(_ text: String) throws -> Duration {
        guard let duration = Duration(argument: text) else {
            throw ValidationError("\(text) is not a duration. Write 180s, 3m or 500ms.")
        }
        return duration
    }
}
