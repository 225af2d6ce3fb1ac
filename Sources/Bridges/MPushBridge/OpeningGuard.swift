import Glibc
import MPushPlatform
import Synchronization

/// Ends the program at once when it is told to end while a call of a library waits for the broker: nothing is on its way yet,
/// and nobody else looks at signals then.
final class OpeningGuard: Sendable {
    private let isOpening = Mutex(true)
    private let opened: Wakener<Bool>

    /// Looks at `signals`, a signalfd(2), on a thread of its own until `release`.
    init(_ signals: CInt) throws(BridgeTrouble) {
        opened = try Wakener()
        do throws(OSError) {
            try ShortThreads().run { [self] in watch(signals) }
        } catch {
            throw BridgeTrouble("\(error)")
        }
    }

    private func watch(_ signals: CInt) {
        var waits = [pollfd(fd: signals, events: Int16(POLLIN), revents: 0), opened.wait]
        while poll(&waits, nfds_t(waits.count), -1) < 0, errno == EINTR {}
        let isTold = waits[0].revents != 0
        // Without a look at what the library's threads do: they end with the process.
        isOpening.withLock { isOpening in
            if isOpening, isTold { _exit(EX_OK) }
        }
    }

    /// There is a connection, or none: from now on a signal is somebody else's to see.
    func release() {
        isOpening.withLock { $0 = false }
        opened.say(true)
    }
}
