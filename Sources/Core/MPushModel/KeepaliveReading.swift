/// What there is to say of how long a network keeps a connection on which nothing is said.
package struct KeepaliveReading: Equatable, Sendable {
    /// The longest silence after which the server answered; nil for none.
    package let kept: Duration?
    /// The shortest after which the connection was dead; nil for none.
    package let forgotten: Duration?
    /// Whether the two are so close that nothing more is searched for.
    package let isSettled: Bool

    package init(kept: Duration?, forgotten: Duration?, isSettled: Bool) {
        self.kept = kept
        self.forgotten = forgotten
        self.isSettled = isSettled
    }
}

extension KeepaliveReading {
    /// After how long the network forgets; nil while that is not known well enough.
    package var estimate: Duration? {
        guard isSettled, let forgotten else { return nil }
        return kept.map { ($0 + forgotten) / 2 } ?? forgotten
    }

    /// Whether more is known than `before`, beyond what each round trip makes a little longer or shorter.
    package func isNews(since before: KeepaliveReading) -> Bool {
        guard forgotten == before.forgotten, isSettled == before.isSettled else { return true }
        guard let kept, let keptBefore = before.kept else { return kept != before.kept }
        return kept < keptBefore || kept * 50 > keptBefore * 51
    }

    /// In words, where the server is asked every `interval`: `this network forgets after about 60 s: asking every 51 s`.
    package func sentence(asking interval: Duration) -> String {
        let fact =
            switch (kept, forgotten) {
            case (nil, nil): "how long this network remembers is not known yet"
            case (let kept?, nil): "this network remembers for \(kept.inWholeSeconds) at least"
            case (_, _?) where estimate != nil: "this network forgets after about \((estimate ?? .zero).inWholeSeconds)"
            case (nil, let forgotten?): "this network forgets after \(forgotten.inWholeSeconds) or less"
            case (let kept?, let forgotten?):
                "this network forgets after \(kept.inWholeSeconds) to \(forgotten.inWholeSeconds)"
            }
        return "\(fact): asking every \(interval.inWholeSeconds)"
    }
}

extension Duration {
    fileprivate var inWholeSeconds: String {
        Duration.seconds((wholeMilliseconds + 500) / 1000).humanReadable
    }
}
