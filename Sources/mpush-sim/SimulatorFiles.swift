import CLinux
import Glibc
import MPushCipher
import MPushModel
import MPushSimulator
import MPushTLS

/// The certificates that the simulator serves with, read or made, and the files that it leaves for clients.
struct SimulatorFiles: Sendable {
    let transport: SimulatorTransport
    /// The throw-away authority's certificate; nil where there is none.
    private let authorityPEM: [UInt8]?
    private let directory: String?

    init(_ command: ServeCommand) throws(ProgramFailure) {
        directory = try command.directory.map { path throws(ProgramFailure) in try Self.makeDirectory(path) }
        guard !command.plaintext else {
            transport = .plaintext
            authorityPEM = nil
            return
        }
        let (identity, authority) = try Self.identity(command)
        var settings = TLSServerSettings(identity: identity)
        if let path = command.clientAuthorities { settings.clientAuthoritiesPEM = try FileIO.read(path) }
        transport = .tls(settings)
        authorityPEM = authority
    }

    /// Writes what a client needs. `endpoint` is where the simulator listens.
    func write(endpoint: String, publicKey: RSAPublicKey) throws(ProgramFailure) {
        guard let directory else { return }
        let keyPath = directory + "/server-rsa.pem"
        try FileIO.write(Array(PublicKeyFile.text(publicKey).utf8), to: keyPath)
        var authorityPath: String?
        if let authorityPEM {
            authorityPath = directory + "/ca.pem"
            try FileIO.write(authorityPEM, to: directory + "/ca.pem")
        }
        let configuration = ClientConfigurationFile.text(
            endpoint: endpoint, publicKeyPath: keyPath, authorityPath: authorityPath, statePath: directory + "/state")
        try FileIO.write(Array(configuration.utf8), to: directory + "/client.toml")
    }

    private static func identity(
        _ command: ServeCommand
    ) throws(ProgramFailure) -> (TLSIdentity, authority: [UInt8]?) {
        if let certificate = command.certificate, let key = command.key {
            let chain = try FileIO.read(certificate)
            return (TLSIdentity(certificateChainPEM: chain, keyPEM: SecretBytes(try FileIO.read(key))), nil)
        }
        do throws(ThrowawayAuthorityError) {
            let authority = try ThrowawayAuthority()
            let names = ["127.0.0.1", "::1", "localhost"] + command.listen.map(\.host)
            return (try authority.issue(names: names).identity, authority.certificatePEM)
        } catch {
            throw .software(error.detail)
        }
    }

    /// The absolute path of the directory, which is made if need be.
    private static func makeDirectory(_ path: String) throws(ProgramFailure) -> String {
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw .cannotWrite(path, errno) }
        guard let real = realpath(path, nil) else { throw .cannotWrite(path, errno) }
        defer { free(real) }
        return String(cString: real)
    }
}

/// Small files, whole.
enum FileIO {
    /// The longest file that is read, in bytes: certificates are far shorter.
    private static let maximumSize = 1 << 20

    static func read(_ path: String) throws(ProgramFailure) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw .noInput(path, errno) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: maximumSize + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw .noInput(path, errno) }
        guard count <= maximumSize else { throw .noInput(path, EFBIG) }
        return Array(bytes[..<count])
    }

    static func write(_ bytes: [UInt8], to path: String) throws(ProgramFailure) {
        guard let file = fopen(path, "we") else { throw .cannotWrite(path, errno) }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw .cannotWrite(path, errno) }
    }

    /// Removes what is at `path`, with all that is in it; no link is followed. What cannot be removed stays.
    static func removeTree(_ path: String) {
        if unlink(path) == 0 { return }
        guard let directory = opendir(path) else { return }
        defer {
            closedir(directory)
            rmdir(path)
        }
        while let entry = readdir(directory) {
            let name = String(cString: clinux_entry_name(entry))
            if name != ".", name != ".." { removeTree("\(path)/\(name)") }
        }
    }
}
