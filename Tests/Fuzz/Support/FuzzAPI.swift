import Glibc
import MPushLocalAPI
import MPushPlatform
import NIOCore

/// A local API with a service that knows nothing, without clients of its own. Belongs to its event loop.
final class FuzzAPI {
    let service = FuzzService()
    let server: LocalAPIServer

    init(timer: LoopTimer, eventLoop: any EventLoop) throws {
        // The server wants a socket: it is made, and nobody finds it.
        var template = Array("/tmp/mpush-fuzz-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw InvariantViolation("no directory for a socket") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = directory + "/s"
        let socket = try ListeningSocket.make(at: path, group: nil)
        server = LocalAPIServer(
            on: socket, for: service, settings: LocalAPISettings(), timer: timer, eventLoop: eventLoop
        ) { _ in }
        unlink(path)
        rmdir(directory)
    }
}
