import Foundation

/// A web server that is not ours: python3's, which answers as a script says and writes down what it got. Ended with this
/// object.
final class PythonPeer {
    let port: UInt16
    let folder: URL
    private let process = Process()

    struct DidNotStart: Error {}

    /// - Parameters:
    ///   - answer: Python statements in a `do_POST` of `http.server`, with `body` there, and `count` from 1.
    ///   - certificate: chain and key in PEM, for https.
    convenience init(_ answer: String, certificate: (chain: [UInt8], key: [UInt8])? = nil) throws {
        let lines = answer.split(separator: "\n").map { "        \($0)\n" }.joined()
        var script = """
            import email.utils, hashlib, hmac, http.server, json, socket, ssl, struct, sys, time
            folder = sys.argv[1]
            count = 0
            class Handler(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                def log_message(self, *arguments): pass
                def reply(self, status, fields={}):
                    self.send_response(status)
                    for name, value in fields.items(): self.send_header(name, value)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                def do_POST(self):
                    global count
                    count += 1
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    with open(folder + "/requests", "a") as log:
                        fields = {name.lower(): value for name, value in self.headers.items()}
                        log.write(json.dumps({"path": self.path, "body": body.decode("latin-1"), "fields": fields, "port": self.client_address[1]}) + "\\n")
            \(lines)
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

            """
        var files: [String: [UInt8]] = [:]
        if let certificate {
            files = ["chain.pem": certificate.chain, "key.pem": certificate.key]
            script += """
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(folder + "/chain.pem", folder + "/key.pem")
                server.socket = context.wrap_socket(server.socket, server_side=True)

                """
        }
        script += """
            print(server.server_address[1], flush=True)
            server.serve_forever()

            """
        try self.init(script: script, files: files) { [$0] }
    }

    /// A server that is written in Python, or that Python starts.
    /// - Parameters:
    ///   - script: says its port on its first line.
    ///   - files: what it finds in its folder.
    ///   - arguments: what it is called with, from its folder.
    init(script: String, files: [String: [UInt8]] = [:], arguments: (_ folder: String) -> [String]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "peer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, content) in files { try Data(content).write(to: folder.appending(path: name)) }
        try Data(script.utf8).write(to: folder.appending(path: "peer.py"))
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [folder.appending(path: "peer.py").path] + arguments(folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        try process.run()
        var text = ""
        while !text.hasSuffix("\n"), let data = try output.fileHandleForReading.read(upToCount: 1), !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
        }
        guard let port = UInt16(text.dropLast()) else { throw DidNotStart() }
        self.port = port
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    struct Request: Decodable {
        let path: String
        let body: String
        let fields: [String: String]
        /// Of whoever asked: one for each connection.
        let port: Int
    }

    /// What it got so far.
    func requests() throws -> [Request] {
        let text = (try? String(contentsOf: folder.appending(path: "requests"), encoding: .utf8)) ?? ""
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
    }
}
