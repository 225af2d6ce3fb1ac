import MPushControl
import MPushJSON
import NIOCore
import NIOHTTP1

/// Answers and lines, as they go out.
extension HTTPConnection {
    /// Writes the whole answer to the request of the moment.
    func write(_ reply: Reply) {
        guard let context else { return }
        discardBody()
        let bytes = reply.body(for: requestPath)
        var fields: [(String, String)] = []
        if let type = reply.contentType {
            fields += [("Content-Type", type), ("Content-Length", String(bytes.count))]
        }
        if case .problem(let problem) = reply, let allow = problem.allow { fields.append(("Allow", allow)) }
        if server.isStopping { isLast = true }
        writeHead(HTTPResponseStatus(statusCode: reply.status), fields)
        if !bytes.isEmpty, head?.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        }
        finish()
    }

    /// The head of an answer, with what all have.
    private func writeHead(_ status: HTTPResponseStatus, _ fields: [(String, String)]) {
        guard let context else { return }
        let version = head?.version ?? .http1_1
        let isKept = !isLast && head?.isKeepAlive == true
        if !isKept { isLast = true }
        var headers = HTTPHeaders(fields)
        headers.add(name: "Cache-Control", value: "no-store")
        if !isKept {
            headers.add(name: "Connection", value: "close")
        } else if version == .http1_0 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: version, status: status, headers: headers))), promise: nil)
    }

    func writeContinue() {
        guard let context, head?.version == .http1_1 else { return }
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }

    /// The answer is written; the next request may come when it is gone, if there may be one.
    private func finish() {
        guard let context else { return }
        phase = .writing
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.written() }
        // The encoder would end a body of chunks, also after the head of a stream alone.
        let end = head?.method == .HEAD ? OutboundOut.body(.byteBuffer(ByteBuffer())) : .end(nil)
        context.writeAndFlush(wrapOutboundOut(end), promise: written)
        if case .writing = phase { setAnswerDeadline() }
    }

    private func written() {
        guard case .writing = phase else { return }
        if isLast { return drain() }
        phase = .waiting
        head = nil
        setDeadline(server.settings.idleLimit)
    }

    /// Closes our half, and waits for the client to close its own: closing both at once while it still sends would take
    /// the answer from it.
    private func drain() {
        phase = .draining
        setDeadline(server.settings.farewellLimit)
        context?.close(mode: .output, promise: nil)
    }

    // MARK: - Streams

    /// Writes the head of a stream, if that is not done.
    func beginStream() {
        guard case .streaming = phase, !isStreamBegun else { return }
        writeStreamHead(only: false)
        context?.flush()
        setStreamDeadline()
    }

    /// The head of a stream; `only` that, for HEAD.
    func writeStreamHead(only: Bool) {
        isStreamBegun = true
        isLast = isLast || !only && head?.version != .http1_1
        var fields = [("Content-Type", "application/x-ndjson")]
        if head?.version == .http1_1 { fields.append(("Transfer-Encoding", "chunked")) }
        writeHead(.ok, fields)
        if only { finish() }
    }

    /// Writes whole lines; false when the client has enough for now.
    func streamLines(_ bytes: [UInt8]) -> Bool {
        guard case .streaming = phase, let context else { return false }
        beginStream()
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        setStreamDeadline()
        return context.channel.isWritable
    }

    /// Writes the last line, and ends the stream and the connection as soon as that is taken, or its time is over.
    func endStream(_ line: [UInt8]) {
        guard case .streaming = phase, let context else { return }
        beginStream()
        isLast = true
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: line)))), promise: nil)
        finish()
        setDeadline(server.settings.farewellLimit)
    }
}

extension Problem {
    /// The methods that a path knows, for the field of the head.
    fileprivate var allow: String? { extensions.first { $0.name == "allow" }?.value.string }
}
