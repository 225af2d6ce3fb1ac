import CLinux
import Glibc
import NIOCore
import Synchronization

/// What the loop wants of the thread that runs programs, and how it wakes it.
final class ProgramOrders: Sendable {
    enum Order: Sendable {
        case start(UInt64, ProgramLaunch)
        /// For the standard input of a program that is talked to.
        case write(UInt64, ByteBuffer)
        /// So many bytes of what it wrote were looked at.
        case heard(UInt64, bytes: Int)
        /// It may still end by itself for so long.
        case stop(UInt64, patience: Duration)
    }

    private struct State {
        var orders: [Order] = []
        /// An eventfd(2), as long as there is a thread.
        var wake: CInt?
    }

    private let state = Mutex(State())
    /// What programs left behind.
    let remnants = ProgramRemnants()

    /// Leaves an order. What is to be woken up for it is there; nil where that is done already.
    ///
    /// Throws `OSError`, and the order is not left, where there is no descriptor for waking up a new thread.
    func leave(_ order: Order) throws(OSError) -> CInt? {
        let result: Result<CInt?, OSError> = state.withLock { state in
            if let wake = state.wake {
                state.orders.append(order)
                eventfd_write(wake, 1)
                return .success(nil)
            }
            let wake = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
            guard wake >= 0 else { return .failure(OSError(errno, "eventfd")) }
            state.orders.append(order)
            state.wake = wake
            return .success(wake)
        }
        return try result.get()
    }

    /// Leaves an order where there is a thread: it is for a program that runs, and without a thread none does.
    func leaveIfRunning(_ order: Order) {
        state.withLock { state in
            guard let wake = state.wake else { return }
            state.orders.append(order)
            eventfd_write(wake, 1)
        }
    }

    /// All orders, in their order.
    func take() -> [Order] {
        state.withLock { state in
            defer { state.orders = [] }
            if let wake = state.wake {
                var count: UInt64 = 0
                eventfd_read(wake, &count)
            }
            return state.orders
        }
    }

    /// The thread ends, unless there is an order left: false then.
    func retire() -> Bool {
        state.withLock { state in
            guard state.orders.isEmpty else { return false }
            if let wake = state.wake { close(wake) }
            state.wake = nil
            return true
        }
    }

    /// There is no thread after all: all orders are forgotten.
    func abandon() {
        state.withLock { state in
            if let wake = state.wake { close(wake) }
            state = State()
        }
    }
}
