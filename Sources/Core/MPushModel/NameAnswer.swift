/// Which addresses of a name are asked for: a name server is asked for each family apart, and may leave one unanswered.
package enum AddressFamily: CaseIterable, Hashable, Sendable {
    /// AAAA (RFC 3596).
    case v6
    /// A (RFC 1035).
    case v4
}

/// What a name is looked up for: a server's names and those of routes do not wait for each other.
package enum LookupPurpose: CaseIterable, Hashable, Sendable {
    case server
    case route
}

/// Why a name has no address, in words.
package struct LookupFailure: Error, Equatable, Sendable {
    package let detail: String
    /// Whether nobody was asked, because this machine is short of something.
    package let isShortage: Bool
    /// Whether a name server knows that there is none: anything else may only mean that no name server answers.
    package let isDefinite: Bool

    package init(detail: String, isShortage: Bool = false, isDefinite: Bool = false) {
        self.detail = detail
        self.isShortage = isShortage
        self.isDefinite = isDefinite
    }
}

/// What is known of a name's addresses so far, for one who asked.
package struct NameAnswer<Address: Sendable>: Sendable {
    /// The best first; further to those of earlier answers.
    package let addresses: [Address]
    /// Whether they are those of an earlier lookup, because this one has no answer.
    package let areOld: Bool
    /// Whether no other answer follows.
    package let isLast: Bool
    /// Why the lookup found nothing; nil where it found something, and before it is known.
    package let failure: LookupFailure?

    package init(
        _ addresses: [Address], areOld: Bool = false, isLast: Bool, failure: LookupFailure? = nil
    ) {
        self.addresses = addresses
        self.areOld = areOld
        self.isLast = isLast
        self.failure = failure
    }
}
