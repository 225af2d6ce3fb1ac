package import MPushModel

/// Races the addresses of one host: the families in turn, IPv6 first, a new attempt each 250 ms or as soon as one fails,
/// and the first that connects wins (RFC 8305, "Happy Eyeballs version 2", sections 4, 5 and 8). Addresses may come while
/// it runs; those that failed last come last.
///
/// Order of calls: `found` once or more, `succeeded`, `failed` and `deadlineReached` until `winner` or `isExhausted`.
package struct AddressRace<Address: Hashable & Sendable>: Sendable {
    /// Connect to the address, and say with the number how it went.
    package struct Attempt: Equatable, Sendable {
        package let number: Int
        package let address: Address
        /// The attempt to give up in its place, which counts as failed: it had its time.
        package let replaced: Int?
    }

    /// The pause before the next attempt, RFC 8305 section 5's recommendation.
    package static var attemptDelay: Duration { .milliseconds(250) }
    /// Attempts under way at once: beyond these the oldest, which has had two seconds, gives way.
    package static var mostUnderWay: Int { 8 }
    /// Addresses beyond these are not tried.
    package static var mostAddresses: Int { 32 }

    private var waiting: [AddressFamily: [Address]] = [:]
    private var suspects: [Address] = []
    private var known: Set<Address> = []
    private var turn = AddressFamily.v6
    private var started = 0
    /// In the order of their start.
    private var underWay: [(number: Int, address: Address)] = []
    private var nextStart: Instant?
    /// The attempt that connected first; all others that are under way are to be given up.
    package private(set) var winner: Int?
    /// Those that had begun before the winner, and had no answer when it did.
    package private(set) var overtaken: [Address] = []

    /// A race that begins with the first addresses.
    package init() {}

    /// Whether every address that was found was tried in vain.
    package var isExhausted: Bool { winner == nil && underWay.isEmpty && !hasNext }

    /// When `deadlineReached` is to be called next.
    package var nextDeadline: Instant? { winner == nil && hasNext ? nextStart : nil }

    private var hasNext: Bool { !suspects.isEmpty || waiting.values.contains { !$0.isEmpty } }

    /// These were found, the best of each family first. The first attempt begins at once.
    /// - Parameter isSuspect: whether the address failed when it was last tried.
    package mutating func found(
        _ addresses: [Address], family: (Address) -> AddressFamily, isSuspect: (Address) -> Bool, at now: Instant
    ) -> Attempt? {
        for address in addresses where known.count < AddressRace.mostAddresses && known.insert(address).inserted {
            if isSuspect(address) {
                suspects.append(address)
            } else {
                waiting[family(address), default: []].append(address)
            }
        }
        guard underWay.isEmpty || nextStart.map({ $0 <= now }) == true else { return nil }
        return startNext(at: now)
    }

    /// The pause after the last attempt is over.
    package mutating func deadlineReached(at now: Instant) -> Attempt? {
        guard let nextDeadline, nextDeadline <= now else { return nil }
        return startNext(at: now)
    }

    /// The attempt failed: the next one begins at once.
    package mutating func failed(_ number: Int, at now: Instant) -> Attempt? {
        guard remove(number), winner == nil else { return nil }
        return startNext(at: now)
    }

    /// The attempt connected. False where another one was faster: then it is to be closed.
    package mutating func succeeded(_ number: Int) -> Bool {
        guard winner == nil, let index = underWay.firstIndex(where: { $0.number == number }) else { return false }
        overtaken = underWay[..<index].map(\.address)
        underWay.remove(at: index)
        winner = number
        return true
    }

    private mutating func remove(_ number: Int) -> Bool {
        guard let index = underWay.firstIndex(where: { $0.number == number }) else { return false }
        underWay.remove(at: index)
        return true
    }

    private mutating func startNext(at now: Instant) -> Attempt? {
        guard winner == nil, let address = nextAddress() else { return nil }
        let replaced = underWay.count >= AddressRace.mostUnderWay ? underWay.removeFirst().number : nil
        defer { started += 1 }
        underWay.append((started, address))
        nextStart = now + AddressRace.attemptDelay
        return Attempt(number: started, address: address, replaced: replaced)
    }

    private mutating func nextAddress() -> Address? {
        for family in [turn, turn.other] where waiting[family]?.isEmpty == false {
            turn = family.other
            return waiting[family]?.removeFirst()
        }
        return suspects.isEmpty ? nil : suspects.removeFirst()
    }
}

extension AddressFamily {
    fileprivate var other: AddressFamily {
        switch self {
        case .v4: .v6
        case .v6: .v4
        }
    }
}

/// Which addresses failed when they were last tried: they are tried last, for ten minutes.
package struct AddressMemory<Address: Hashable & Sendable>: Sendable {
    package static var span: Duration { .seconds(600) }
    package static var mostAddresses: Int { 512 }

    private var failures: [Address: Instant] = [:]

    package init() {}

    /// It could not be connected to, or what was there did not help.
    package mutating func failed(_ address: Address, at now: Instant) {
        if failures.count >= AddressMemory.mostAddresses {
            failures = failures.filter { now - $0.value < AddressMemory.span }
            if failures.count >= AddressMemory.mostAddresses { failures = [:] }
        }
        failures[address] = now
    }

    /// It was of use.
    package mutating func succeeded(_ address: Address) { failures[address] = nil }

    /// Whether it failed last, within the span.
    package func isSuspect(_ address: Address, at now: Instant) -> Bool {
        failures[address].map { now - $0 < AddressMemory.span } ?? false
    }
}
