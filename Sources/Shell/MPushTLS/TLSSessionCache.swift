import MPushModel
package import MPushPlatform
import Synchronization

/// The sessions of a client, each under the one key that it may be used for. The oldest goes when it is full.
///
/// A session is good for as long as the judgement that it stands for would come out the same: until the first certificate of
/// the chain ends, or the first list that it was judged by, and for `longestTrust` at the most after the handshake that
/// showed the chain, however often it was resumed since.
///
/// It is locked, so that the connections of several event loops can share it. Nothing in it is written to disk.
/// With `TLSAuthorities.system`, a change of the system's certificates does not change the key: call `removeAll()` when
/// the configuration is read again.
package final class TLSSessionCache: Sendable {
    /// A session, and how long it may be trusted.
    package struct Offer: Sendable {
        package let session: TLSSession
        /// When the server last showed its chain.
        let verified: Instant
        /// When the first thing ends that the chain was judged by.
        let end: WallTime?
    }

    private struct Entry: Sendable {
        let key: TLSSessionKey
        let offer: Offer
    }

    /// How long after a chain was verified a session may stand for that.
    package static let longestTrust = Duration.seconds(24 * 3600)

    /// Oldest first. So few that a search costs less than a hash table.
    private let entries = Mutex<[Entry]>([])
    private let capacity: Int
    private let capacityPerKey: Int
    private let clock: any ClockSource

    /// Keeps at most `capacity` sessions, and at most `capacityPerKey` of them for one key: enough for some identities at
    /// one server to come back at the same time.
    package init(capacity: Int = 64, capacityPerKey: Int = 4, clock: any ClockSource) {
        self.capacity = max(1, capacity)
        self.capacityPerKey = max(1, capacityPerKey)
        self.clock = clock
    }

    /// How many sessions there are.
    package var count: Int { entries.withLock { $0.count } }

    /// Keeps `session` as the newest of `key`. `origin` is what was offered to the connection that made it: if that was
    /// resumed, the session rests on it.
    package func store(_ session: TLSSession, for key: TLSSessionKey, after origin: Offer? = nil) {
        guard let offer = offer(session, after: origin) else { return }
        entries.withLock { entries in
            entries.append(Entry(key: key, offer: offer))
            let ofKey = entries.indices.filter { entries[$0].key == key }
            if ofKey.count > capacityPerKey, let oldest = ofKey.first { entries.remove(at: oldest) }
            if entries.count > capacity { entries.removeFirst() }
        }
    }

    private func offer(_ session: TLSSession, after origin: Offer?) -> Offer? {
        switch session.foundation {
        case .chain(let end): Offer(session: session, verified: clock.now, end: end)
        case .resumption: origin.map { Offer(session: session, verified: $0.verified, end: $0.end) }
        case .nothing: nil
        }
    }

    /// The newest usable session of `key`. One of TLS 1.3 is removed, because it may be used once; one of TLS 1.2 stays.
    package func take(for key: TLSSessionKey) -> Offer? {
        let (now, wall) = (clock.now, clock.wall)
        return entries.withLock { entries in
            entries.removeAll { $0.key == key && !TLSSessionCache.isGood($0.offer, now, wall) }
            guard let index = entries.lastIndex(where: { $0.key == key }) else { return nil }
            let offer = entries[index].offer
            if offer.session.isForOneUse { entries.remove(at: index) }
            return offer
        }
    }

    private static func isGood(_ offer: Offer, _ now: Instant, _ wall: WallTime) -> Bool {
        offer.session.isResumable && now - offer.verified < longestTrust && (offer.end.map { wall < $0 } ?? true)
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
