import Foundation
import MPushSimulator

/// What `openssl verify` says of a chain: the second opinion beside ours.
struct OpenSSLVerdict {
    /// Everything in PEM; the peer's own certificate is the first of `chain`.
    var chain: [UInt8]
    var authorities: [UInt8]
    var revocationLists: [UInt8]?
    /// A host name or an address.
    var name: String
    var isAddress = false

    /// Whether it accepts.
    func isAccepted() throws -> Bool {
        let folder = FileManager.default.temporaryDirectory.appending(path: "verdict-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ bytes: [UInt8]) throws -> String {
            try Data(bytes).write(to: folder.appending(path: name))
            return folder.appending(path: name).path
        }
        var arguments = [
            "verify", "-partial_chain", "-purpose", "sslserver", "-auth_level", "2", "-no-CApath", "-no-CAstore",
            isAddress ? "-verify_ip" : "-verify_hostname", name,
            "-CAfile", try write("ca.pem", authorities), "-untrusted", try write("chain.pem", chain),
        ]
        if let revocationLists {
            arguments += [
                "-CRLfile", try write("lists.pem", revocationLists), "-extended_crl", "-use_deltas", "-crl_check",
            ]
        }
        return try OpenSSLTool.status(arguments + [try write("leaf.pem", chain)]) == 0
    }
}

extension OpenSSLTool {
    /// The exit status of one run.
    static func status(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
