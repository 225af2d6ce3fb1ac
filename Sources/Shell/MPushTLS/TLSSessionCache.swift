import Synchronization

/// The sessions of a client, each under the one key that it may be used for. The oldest goes when it is full.
///
/// It is locked, so that the connections of several event loops can share it. Nothing in it is written to disk.
/// With `TLSAuthorities.system`, a change of the system's certificates does not change the key: call `removeAll()` when
/// the configuration is read again.
package final class TLSSessionCache: Sendable {
    private struct Entry: Sendable {
        let key: TLSSessionKey
        let session: TLSSession
    }

    /// Oldest first. So few that a search costs less than a hash table.
    private let entries = Mutex<[Entry]>([])
    private let capacity: Int
    private let capacityPerKey: Int

    /// Keeps at most `capacity` sessions, and at most `capacityPerKey` of them for one key: enough for some identities at
    /// one server to come back at the same time.
    package init(capacity: Int = 64, capacityPerKey: Int = 4) {
        self.capacity = max(1, capacity)
        self.capacityPerKey = max(1, capacityPerKey)
    }

    /// How many sessions there are.
    package var count: Int { entries.withLock { $0.count } }

    /// Keeps `session` as the newest of `key`.
    package func store(_ session: TLSSession, for key: TLSSessionKey) {
        entries.withLock { entries in
            entries.append(Entry(key: key, session: session))
            let ofKey = entries.indices.filter { entries[$0].key == key }
            if ofKey.count > capacityPerKey, let oldest = ofKey.first { entries.remove(at: oldest) }
            if entries.count > capacity { entries.removeFirst() }
        }
    }

    /// The newest usable session of `key`. One of TLS 1.3 is removed, because it may be used once; one of TLS 1.2 stays.
    package func take(for key: TLSSessionKey) -> TLSSession? {
        entries.withLock { entries in
            entries.removeAll { $0.key == key && !$0.session.isUsable }
            guard let index = entries.lastIndex(where: { $0.key == key }) else { return nil }
            let session = entries[index].session
            if session.isForOneUse { entries.remove(at: index) }
            return session
        }
    }

    /// Forgets the sessions of `key`.
    package func remove(for key: TLSSessionKey) {
        entries.withLock { $0.removeAll { $0.key == key } }
    }

    /// Forgets all sessions.
    package func removeAll() {
        entries.withLock { $0.removeAll() }
    }
}
