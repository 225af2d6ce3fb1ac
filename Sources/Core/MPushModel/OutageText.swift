/// An outage in words: since when, after how many failed attempts, why, and what comes next. `mpushctl status`, STATUS=
/// and the journal have this one wording.
package struct OutageText: Equatable, Sendable {
    /// What comes after the attempts that failed.
    package enum Next: Equatable, Sendable {
        case attemptIn(Duration)
        /// At this point of the wall clock, for a text that is read later: `11:24:05`.
        case attemptAt(String)
        /// The connection is in this state, for so long where that is known.
        case state(ConnectionState, for: Duration?)
    }

    /// What is shown of an error at most, in bytes.
    private static let longestError = 200

    private let since: String?
    private let age: Duration?
    private let attempts: Int
    private let error: String?
    private let next: Next

    /// - Parameters:
    ///   - since: when the outage began, as people read it in their time zone: `02:10`; nil where nobody is to be bound, and
    ///     only a connection is missed.
    ///   - age: how long ago that was; nil for a text that is read later.
    ///   - attempts: how many have failed since.
    ///   - error: why the last connection or attempt ended; nil where there was none.
    package init(since: String?, age: Duration?, attempts: Int, error: String?, next: Next) {
        self.since = since
        self.age = age
        self.attempts = attempts
        self.error = error
        self.next = next
    }

    /// `offline since 02:10 (9 h 3 min), 118 attempts: connection refused, next in 97 s`
    package var sentence: String {
        let reason = error.map { ": " + $0.shown(atMost: OutageText.longestError) } ?? ""
        return [beginning, count].compactMap(\.self).joined(separator: ", ") + "\(reason), \(next.text)"
    }

    /// `offline since 02:10 (9 h 3 min), 118 attempts, next in 97 s`: where the error stands beside it.
    package var withoutError: String { [beginning, count, next.text].compactMap(\.self).joined(separator: ", ") }

    /// `connection refused, 118 attempts, next in 97 s`: where the beginning stands beside it.
    package var withoutBeginning: String {
        [error?.shown(atMost: OutageText.longestError), count, next.text].compactMap(\.self).joined(separator: ", ")
    }

    /// What a connection ends an outage with that took `attempts` failed ones: `after 3 h 31 min offline, 118 attempts`.
    package static func end(after length: Duration, attempts: Int) -> String {
        ["after \(length.humanReadable) offline", count(attempts)].compactMap(\.self).joined(separator: ", ")
    }

    private var beginning: String {
        guard let since else { return "no connection" }
        return "offline since \(since)" + (age.map { " (\($0.humanReadable))" } ?? "")
    }

    private var count: String? { OutageText.count(attempts) }

    private static func count(_ attempts: Int) -> String? {
        attempts == 0 ? nil : "\(attempts.grouped) \(attempts == 1 ? "attempt" : "attempts")"
    }
}

extension OutageText.Next {
    /// `next in 97 s`
    package var text: String {
        switch self {
        case .attemptIn(let wait) where wait <= .zero: "trying again at once"
        case .attemptIn(let wait): "next in \(wait.humanReadable)"
        case .attemptAt(let time): "next at \(time)"
        case .state(.noNetwork, _): "no route to a server, waiting for the network"
        case .state(let state, let age?): "\(state.rawValue) for \(age.humanReadable)"
        case .state(let state, nil): state.rawValue
        }
    }
}
