import MPushTestSupport
import Testing

/// An authority of the test's own, made with openssl(1).
struct Authority {
    let file: String
    private let key: String
    private let directory: TemporaryDirectory

    init(_ name: String, in directory: TemporaryDirectory) throws {
        self.directory = directory
        (file, key) = (directory.path("\(name)-ca.pem"), directory.path("\(name)-ca.key"))
        try Authority.openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=\(name)", "-keyout", key, "-out", file] + Authority.newKey)
    }

    /// A certificate for `names`, and its key.
    func issue(_ name: String, names: String) throws -> (file: String, key: String) {
        let (file, key) = (directory.path("\(name).pem"), directory.path("\(name).key"))
        try Authority.openssl(
            [
                "req", "-x509", "-days", "2", "-subj", "/CN=\(name)", "-CA", self.file, "-CAkey", self.key, "-addext",
                "subjectAltName=\(names)", "-addext", "basicConstraints=critical,CA:false", "-keyout", key, "-out",
                file,
            ] + Authority.newKey)
        return (file, key)
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private static func openssl(_ arguments: [String]) throws {
        let outcome = try BuiltProgram.run("/usr/bin/openssl", arguments)
        try #require(outcome.status == 0, "\(outcome.complaint)")
    }
}
