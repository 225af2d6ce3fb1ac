import Foundation
import Testing

/// A process that answers one client at a socket with bytes that the test gives, hangs up, and then tells whether it was
/// sent SIGHUP.
final class AnsweringProcess {
    let path: String
    private let process = Process()
    private let input = Pipe()

    var processIdentifier: Int32 { process.processIdentifier }

    init(_ answer: String) throws {
        path = FileManager.default.temporaryDirectory.path + "/answering-\(UUID().uuidString.prefix(8))"
        let program = """
            import os, signal, socket, sys
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(sys.argv[1])
            listener.listen()
            print("ready", flush=True)
            client = listener.accept()[0]
            request = b""
            while b"\\r\\n\\r\\n{" not in request: request += client.recv(65536)
            client.sendall(sys.argv[2].encode())
            client.close()
            sys.stdin.read()
            os._exit(7 if signal.SIGHUP in signal.sigpending() else 0)
            """
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program, path, answer]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        #expect(try output.fileHandleForReading.read(upToCount: 6) == Data("ready\n".utf8))
    }

    /// Ends it.
    func isSignalled() -> Bool {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus == 7
    }

    deinit {
        process.terminate()
        unlink(path)
    }
}
