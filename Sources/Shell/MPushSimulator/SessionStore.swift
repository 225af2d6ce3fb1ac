import MPushCipher
package import MPushModel
import Synchronization

/// The sessions that can be resumed, shared by all connections of a simulator, and by all simulators that are given the same.
package final class SessionStore: Sendable {
    /// The most that are kept; the oldest go first.
    package static let maximumCount = 100_000

    private struct Entry {
        let session: ReusableSession
        let end: Instant
        let order: UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var order: [(id: String, order: UInt64)] = []
        var nextOrder: UInt64 = 0

        /// Lets go of the older half in one go, so that each call costs little in the mean.
        mutating func dropOldest() {
            let gone = order.prefix(order.count / 2)
            order.removeFirst(gone.count)
            for (id, number) in gone where entries[id]?.order == number { entries[id] = nil }
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// How many sessions can be resumed, those included whose time is over and that nobody asked for since.
    package var count: Int { state.withLock { $0.entries.count } }

    /// Keeps `session` under `id` until `end`.
    package func store(_ session: ReusableSession, id: String, until end: Instant) {
        state.withLock { state in
            state.nextOrder += 1
            state.entries[id] = Entry(session: session, end: end, order: state.nextOrder)
            state.order.append((id, state.nextOrder))
            if state.order.count > Self.maximumCount { state.dropOldest() }
        }
    }

    /// The session with that `id`; nil where there is none or its time is over.
    package func session(_ id: String, at now: Instant) -> ReusableSession? {
        state.withLock { state in
            guard let entry = state.entries[id] else { return nil }
            guard now < entry.end else {
                state.entries[id] = nil
                return nil
            }
            return entry.session
        }
    }

    /// Forgets them all.
    package func expireAll() {
        state.withLock { $0 = State() }
    }
}

/// What the server keeps of a session, so that FAST_CONNECT can take it up (PROTOCOL.md section 4.2).
package struct ReusableSession: Equatable, Sendable {
    package let deviceID: String
    package let osName: String
    package let keys: SessionKeys

    package init(deviceID: String, osName: String, keys: SessionKeys) {
        self.deviceID = deviceID
        self.osName = osName
        self.keys = keys
    }
}

/// What the bodies of a session are encrypted with: AES-128-CBC under one key and one initialisation vector
/// (PROTOCOL.md section 3).
package struct SessionKeys: Equatable, Sendable {
    package let key: SecretBytes
    package let iv: SecretBytes

    package init(key: SecretBytes, iv: SecretBytes) {
        self.key = key
        self.iv = iv
    }
}

/// The server's share of a new session: what it draws by lot, given from outside so that the session stays a value.
package struct SessionOffer: Sendable {
    /// 16 bytes.
    package let serverKey: SecretBytes
    package let sessionID: String
    package let expiry: WallTime

    package init(serverKey: SecretBytes, sessionID: String, expiry: WallTime) {
        self.serverKey = serverKey
        self.sessionID = sessionID
        self.expiry = expiry
    }

    /// A new offer that ends after `lifetime`. Throws where the system has no randomness.
    static func drawn(lifetime: Duration, at now: WallTime) throws -> SessionOffer {
        let id = (0..<4).map { _ in UInt32(truncatingIfNeeded: SecureRandom.seed()) }
        return SessionOffer(
            serverKey: try SecureRandom.bytes(AESCipher.blockSize),
            sessionID: id.map { String($0 | 1 << 31, radix: 16) }.joined(), expiry: now.advanced(by: lifetime))
    }
}
