import MPushModel

/// When a changed key of the configuration takes effect once the file is read again. Each key declares it where it is read;
/// the manual and what a reload says are made from that.
package enum ChangeEffect: Hashable, Sendable, CaseIterable {
    /// With the reload. The connection stays.
    case atOnce
    /// With the reload, which closes the connection and makes a new one: the server is another, or is to be trusted for
    /// other reasons, or is to take this machine for another.
    case byNewConnection
    /// When a connection is made the next time. The one that is there stays as it is.
    case atNextConnection
    /// When the daemon is started again.
    case atRestart

    /// A sentence for the manual.
    package var sentence: String {
        switch self {
        case .atOnce: "A change takes effect at once."
        case .byNewConnection: "A change takes effect at once: the connection is closed and made anew."
        case .atNextConnection: "A change takes effect at the next connection."
        case .atRestart: "A change takes effect at a restart."
        }
    }
}

/// The values that a configuration was read to have, key by key, as far as they can be compared: nothing can be read back
/// from it, secrets least of all. It belongs to this process.
package struct ConfigurationDigest: Equatable, Sendable {
    /// For each key the sum, over all tables that have it, of a hash of its value; so that the order of tables does not
    /// matter. A key that is left out, or has its default's value, adds nothing.
    private var sums: [String: Int] = [:]

    /// Adds the value of the key `path` in the table called `table` (empty where there is only one).
    mutating func add(_ value: some Hashable, of path: String, in table: String) {
        var hasher = Hasher()
        hasher.combine(table)
        hasher.combine(value)
        sums[path, default: 0] &+= hasher.finalize()
    }

    /// The keys whose values differ, in the order of `ConfigurationKey.all`.
    package func changes(to new: ConfigurationDigest) -> [ConfigurationKey] {
        ConfigurationKey.all.filter { sums[$0.path] != new.sums[$0.path] }
    }

    /// What a reload has to say of the keys whose values here are not in force yet: compared with those `before` for what
    /// waits for a connection, and with those of the daemon's start for what one reload after the other leaves as it is.
    package func notices(after before: ConfigurationDigest, start: ConfigurationDigest) -> [String] {
        func keys(_ effect: ChangeEffect, since old: ConfigurationDigest) -> String {
            old.changes(to: self).filter { $0.effect == effect }.map(\.path).joined(separator: ", ")
        }
        let (later, atRestart) = (keys(.atNextConnection, since: before), keys(.atRestart, since: start))
        return [
            later.isEmpty ? nil : "in force from the next connection on: \(later)",
            atRestart.isEmpty ? nil : "read only at the start, restart mpushd for it: \(atRestart)",
        ].compactMap(\.self)
    }
}

extension Configuration {
    /// The keys that ask for something else in `new`, each with when that takes effect. Files that changed under the same
    /// name are not seen.
    package static func changes(from old: Configuration, to new: Configuration) -> [ConfigurationKey] {
        old.digest.changes(to: new.digest)
    }
}
