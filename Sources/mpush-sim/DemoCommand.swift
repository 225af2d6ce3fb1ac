import ArgumentParser
import Glibc
import MPushCipher
import MPushPlatform
import MPushSimulator
import MPushTLS

/// `mpush-sim demo`: the real mpushd and a simulated server, watched together.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Watch mpushd and a simulated server together.",
        discussion: """
            Starts a server with a generated certificate authority and mpushd as a child process, and shows the output of \
            both while the server drops connections, falls silent and forgets its sessions. All files are temporary. Exits \
            at Ctrl-C, or after the given time, but not before one whole scene has been played.

            Exit status: 0 if everything happened as it should, 1 if not, 66 or 69 if mpushd cannot be started.
            """)

    @Option(help: ArgumentHelp("The program mpushd.", valueName: "path"))
    var mpushd: String

    @Option(
        name: .customLong("for"), help: ArgumentHelp("Exit after this time; a scene takes 20s.", valueName: "duration"),
        transform: ServeCommand.duration)
    var limit: Duration?

    @Flag(
        name: .customLong("no-colour"),
        help: "Print without colours (the default with NO_COLOR set, or when the output is not a terminal).")
    var noColour = false

    func validate() throws {
        if let limit, limit < .zero { throw ValidationError("--for must not be negative.") }
    }

    func run() throws {
        let terminal = Terminal(allowsColour: !noColour)
        try StageLoop.run(terminal) { () throws(ProgramFailure) in
            let program = try DemoDaemon.program(at: mpushd)
            let files = try DemoFiles(DemoConfiguration.text, named: "mpush-demo")
            return { DemoStage(program: program, files: files, limit: limit, terminal, timer: $0).start() }
        }
    }
}

/// A directory with all that mpushd needs in it, and the authority that its server is certified by.
struct DemoFiles {
    /// The text of a configuration, for the address of the server and the path of the directory.
    typealias Configuration = (_ endpoint: String, _ directory: String) -> String

    let identity: TLSIdentity
    private let configuration: Configuration
    private let authorityPEM: [UInt8]
    /// Absolute.
    private let directory: String

    /// Makes the directory, whose name begins with `name`. Whoever has it must remove it.
    init(_ configuration: @escaping Configuration, named name: String) throws(ProgramFailure) {
        self.configuration = configuration
        do throws(ThrowawayAuthorityError) {
            let authority = try ThrowawayAuthority()
            identity = try authority.issue(names: ["127.0.0.1"]).identity
            authorityPEM = authority.certificatePEM
        } catch {
            throw .software(error.detail)
        }
        directory = try Self.makeDirectory(named: name)
    }

    /// Writes what mpushd needs to come to `endpoint`.
    /// - Returns: the path of its configuration.
    func write(endpoint: String, publicKey: RSAPublicKey) throws(ProgramFailure) -> String {
        try FileIO.write(authorityPEM, to: "\(directory)/\(DemoConfiguration.authorityFileName)")
        let key = PublicKeyFile.text(publicKey)
        try FileIO.write(Array(key.utf8), to: "\(directory)/\(DemoConfiguration.publicKeyFileName)")
        let path = "\(directory)/\(DemoConfiguration.fileName)"
        try FileIO.write(Array(configuration(endpoint, directory).utf8), to: path)
        return path
    }

    /// Where mpushd's local API listens.
    var socketPath: String { "\(directory)/\(DemoConfiguration.socketFileName)" }

    /// Removes the directory and what mpushd left in it.
    func remove() {
        FileIO.removeTree(directory)
    }

    /// A directory for this user alone (mkdtemp(3)) in $TMPDIR or /tmp.
    private static func makeDirectory(named name: String) throws(ProgramFailure) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        guard let real = realpath(base.isEmpty ? "/tmp" : base, nil) else { throw .cannotWrite(base, errno) }
        defer { free(real) }
        var template = Array("\(String(cString: real))/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .cannotWrite(String(cString: real), errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
