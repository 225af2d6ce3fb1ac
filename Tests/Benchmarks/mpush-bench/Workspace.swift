import FoundationEssentials
import Glibc
import MPushCipher
import MPushModel
import MPushSimulator
import MPushTLS

/// A directory for the time of the benchmark, with what servers and daemons need: a certificate authority, the server's
/// certificate and RSA key, configurations, state. Removed at the end.
final class Workspace {
    let path: String
    let serverIdentity: TLSIdentity
    let serverKey: RSAPrivateKey
    private var daemons = 0

    var authorityFile: String { "\(path)/ca.pem" }
    /// Where the API of the daemon listens that runs.
    var socketPath: String { "\(path)/api.sock" }
    var logFile: String { "\(path)/log" }

    init() throws {
        path = try Self.makeDirectory()
        let authority = try ThrowawayAuthority()
        serverIdentity = try authority.issue(names: ["127.0.0.1"]).identity
        serverKey = try RSAPrivateKey.generate()
        try TextFile.write(authority.certificatePEM, to: authorityFile)
        try TextFile.write(PublicKeyFile.text(serverKey.publicKey).utf8, to: "\(path)/server-rsa.pem")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The arguments that run a daemon against the server at `port`, with the text of a route, and with a state directory of
    /// its own, or with `state`.
    func daemonArguments(
        port: Int, resumesTLS: Bool = true, retry: Duration, route: String = "", state: String? = nil
    ) throws(BenchError) -> [String] {
        daemons += 1
        let file = "\(path)/mpushd-\(daemons).toml"
        let text = """
            [server]
            endpoints  = ["127.0.0.1:\(port)"]
            public_key = "\(path)/server-rsa.pem"

            [tls]
            ca_file            = "\(authorityFile)"
            session_resumption = \(resumesTLS)

            [identity]
            user = "alice"

            [reconnect]
            min = "\(Int(retry.milliseconds))ms"
            max = "\(Int(retry.milliseconds))ms"

            [state]
            directory = "\(state ?? "\(path)/state-\(daemons)")"

            [inbox]
            max_messages = 10000000
            max_bytes = "100GiB"

            [api]
            socket = "\(socketPath)"

            \(route)
            """
        try TextFile.write(text.utf8, to: file)
        return ["run", "--config", file]
    }

    /// A directory of its own for `name`; `remove` it.
    func makeDirectory(_ name: String) throws(BenchError) -> String {
        let directory = "\(path)/\(name)"
        guard mkdir(directory, 0o700) == 0 else { throw BenchError("\(directory): cannot be made") }
        return directory
    }

    func remove(_ directory: String) {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// What the daemons wrote, for whoever has to find out why they did not work.
    var log: String { TextFile.read(logFile) ?? "" }

    private static func makeDirectory() throws(BenchError) -> String {
        let root = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(root)/mpush-bench.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("\(root): no directory can be made there") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
