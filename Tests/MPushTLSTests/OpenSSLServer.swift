import Foundation
import MPushModel
import MPushSimulator

/// `openssl s_server` on a port of the kernel's choice; it answers each line with the line reversed. Ended with this
/// object.
final class OpenSSLServer {
    let port: Int
    private let process = Process()
    private let folder: URL

    struct DidNotStart: Error {}

    init(_ certificate: ThrowawayCertificate, clientAuthority: ThrowawayAuthority? = nil, _ arguments: [String] = [])
        throws
    {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("mpush-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let standardOutput = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-rev",
            "-cert_chain", try OpenSSLServer.write(certificate.chainPEM, "chain.pem", folder),
            "-cert", try OpenSSLServer.write(certificate.certificatePEM, "certificate.pem", folder),
            "-key", try OpenSSLServer.write(certificate.keyPEM.exposed, "key.pem", folder),
        ]
        if let clientAuthority {
            let file = try OpenSSLServer.write(clientAuthority.certificatePEM, "authority.pem", folder)
            process.arguments? += ["-Verify", "2", "-verify_return_error", "-CAfile", file]
        }
        process.arguments? += arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = standardOutput
        process.standardError = FileHandle.nullDevice
        try process.run()
        port = try OpenSSLServer.readPort(standardOutput.fileHandleForReading)
    }

    /// Killed, not terminated: it inherits a signal mask that blocks SIGTERM from the thread that started it.
    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func write(_ bytes: [UInt8], _ name: String, _ folder: URL) throws -> String {
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        return file.path
    }

    /// It prints `ACCEPT 127.0.0.1:43211` when it is ready.
    private static func readPort(_ output: FileHandle) throws -> Int {
        var text = ""
        while let data = try output.read(upToCount: 1), !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
            guard text.hasSuffix("\n") else { continue }
            if let line = text.split(separator: "\n").last(where: { $0.hasPrefix("ACCEPT ") }),
                let port = line.split(separator: ":").last.flatMap({ Int($0) })
            {
                return port
            }
        }
        throw DidNotStart()
    }
}
