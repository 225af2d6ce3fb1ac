import CLinux
package import Glibc
import MPushModel
import MPushPlatform
import Synchronization

/// What threads of a library have to say, for the bridge's own thread, which waits for it in poll(2).
package final class Wakener<Word: Sendable>: Sendable {
    private struct State {
        var words: [Word] = []
    }

    private let state = Mutex(State())
    /// An eventfd(2).
    package let descriptor: CInt

    package init() throws(BridgeTrouble) {
        descriptor = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw BridgeTrouble("eventfd: \(OSError.text(for: errno))") }
    }

    deinit { close(descriptor) }

    package var wait: pollfd { pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0) }

    /// From any thread.
    package func say(_ word: Word) {
        state.withLock { state in
            if state.words.isEmpty { eventfd_write(descriptor, 1) }
            state.words.append(word)
        }
    }

    /// What was said since this was asked for.
    package func take() -> [Word] {
        state.withLock { state in
            var count: UInt64 = 0
            eventfd_read(descriptor, &count)
            defer { state.words = [] }
            return state.words
        }
    }
}
