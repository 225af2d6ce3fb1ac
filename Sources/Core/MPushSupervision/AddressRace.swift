package import MPushModel

/// Races the addresses of one host: the families in turn, a new attempt each 250 ms or as soon as one fails, and the
/// first that connects wins (RFC 8305, "Happy Eyeballs version 2", sections 4, 5 and 8).
///
/// Order of calls: `started` once, then `succeeded`, `failed` and `deadlineReached` until `winner` or `hasFailed`.
package struct AddressRace<Address: Sendable>: Sendable {
    /// Connect to the address, and say with the number how it went.
    package struct Attempt: Sendable {
        package let number: Int
        package let address: Address
    }

    /// The pause before the next attempt, RFC 8305 section 5's recommendation.
    package static var attemptDelay: Duration { .milliseconds(250) }

    private let addresses: [Address]
    private var next = 0
    private var underWay: Set<Int> = []
    private var nextStart: Instant?
    /// The attempt that connected first; all others that are under way are to be given up.
    package private(set) var winner: Int?

    /// A race over `addresses`, which stand in the order of preference (RFC 6724, as getaddrinfo(3) gives them): the
    /// families take turns, beginning with that of the first address.
    package init(_ addresses: [Address], isFirstFamily: (Address) -> Bool) {
        let first = addresses.filter(isFirstFamily)
        let second = addresses.filter { !isFirstFamily($0) }
        var interleaved: [Address] = []
        for index in 0..<max(first.count, second.count) {
            if index < first.count { interleaved.append(first[index]) }
            if index < second.count { interleaved.append(second[index]) }
        }
        self.addresses = interleaved
    }

    /// Whether every address was tried in vain.
    package var hasFailed: Bool { winner == nil && underWay.isEmpty && next == addresses.count }

    /// When `deadlineReached` is to be called next.
    package var nextDeadline: Instant? { winner == nil && next < addresses.count ? nextStart : nil }

    /// The race begins.
    package mutating func started(at now: Instant) -> Attempt? { startNext(at: now) }

    /// The pause after the last attempt is over.
    package mutating func deadlineReached(at now: Instant) -> Attempt? {
        guard let nextDeadline, nextDeadline <= now else { return nil }
        return startNext(at: now)
    }

    /// The attempt failed: the next one begins at once.
    package mutating func failed(_ number: Int, at now: Instant) -> Attempt? {
        guard underWay.remove(number) != nil, winner == nil else { return nil }
        return startNext(at: now)
    }

    /// The attempt connected. False where another one was faster: then it is to be closed.
    package mutating func succeeded(_ number: Int) -> Bool {
        guard underWay.remove(number) != nil, winner == nil else { return false }
        winner = number
        return true
    }

    private mutating func startNext(at now: Instant) -> Attempt? {
        guard winner == nil, next < addresses.count else { return nil }
        defer { next += 1 }
        underWay.insert(next)
        nextStart = now + AddressRace.attemptDelay
        return Attempt(number: next, address: addresses[next])
    }
}
