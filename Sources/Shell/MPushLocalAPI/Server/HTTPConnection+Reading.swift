import MPushControl
import MPushModel
import NIOCore

/// How long a client may read nothing of what it is sent. What counts is what it has read: what goes from our buffer into the
/// socket's is not, and one that reads slowly is not dead.
extension HTTPConnection {
    /// Gives the client its time to read something of an answer.
    func setAnswerDeadline() {
        unreadBytes = bytesToRead
        setDeadline(server.settings.followerStall)
    }

    /// While a stream has nothing to wait for, a line that says nothing is due in a while; else it has its time to read
    /// something.
    func setStreamDeadline() {
        guard let channel = context?.channel else { return }
        if channel.isWritable {
            unreadBytes = nil
            setDeadline(server.settings.keepaliveInterval)
        } else if unreadBytes == nil {
            setAnswerDeadline()
        }
    }

    func writingDeadlineReached() {
        if !readsOn() { cut() }
    }

    func streamDeadlineReached(_ stream: LineStream) {
        guard context?.channel.isWritable == false, unreadBytes != nil else {
            _ = streamLines(LineStream.keepaliveLine)
            return
        }
        guard !readsOn() else { return }
        let reason = "it read nothing for \(server.settings.followerStall.humanReadable)"
        server.onEvent(.followerCut(caller, consumer: stream.consumer, reason: reason))
        stream.close()
        endStream(LineStream.endLine("cut: \(reason)"))
    }

    /// Whether the client has read something in its time; then it has as long again.
    private func readsOn() -> Bool {
        guard let before = unreadBytes, bytesToRead < before else { return false }
        setAnswerDeadline()
        return true
    }

    /// What was written and not read yet, in our buffer and in the socket's.
    private var bytesToRead: Int {
        guard let channel = context?.channel else { return 0 }
        let buffered = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return buffered + server.unread(on: channel)
    }
}
