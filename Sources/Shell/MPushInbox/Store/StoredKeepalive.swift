package import MPushModel
package import MPushSession

/// How long a network keeps what is silent, as it outlives the daemon.
package struct StoredKeepalive: Equatable, Sendable {
    /// No longer name is kept.
    static let longestName = 128

    /// `192.0.2.0/24 via 192.0.2.1`
    package let network: String
    fileprivate let kept: Duration?
    fileprivate let forgotten: Duration?
    fileprivate let failures: Int

    package init(network: String, _ estimate: KeepaliveEstimate) {
        self.init(network, kept: estimate.kept, forgotten: estimate.forgotten, failures: estimate.failures)
    }

    fileprivate init(_ network: String, kept: Duration?, forgotten: Duration?, failures: Int) {
        self.network = network
        self.kept = kept
        self.forgotten = forgotten
        self.failures = failures
    }

    /// What is known of it `now`.
    package func estimate(at now: Instant) -> KeepaliveEstimate {
        KeepaliveEstimate(kept: kept, forgotten: forgotten, failures: failures, at: now)
    }
}

/// What is known of networks: of those that were used last, `KeepaliveMemory.mostNetworks` of them.
extension InboxStore {
    private static let readKeepalives = SQL(
        "SELECT network, kept, forgotten, failures FROM keepalive ORDER BY used DESC LIMIT ?1")
    private static let keepKeepalive = SQL(
        """
        INSERT OR REPLACE INTO keepalive
            SELECT ?1, ?2, ?3, ?4, coalesce(max(used), 0) + 1 FROM keepalive WHERE used < \(Int64.max)
        """)
    private static let removeOldKeepalives = SQL(
        "DELETE FROM keepalive WHERE network NOT IN (SELECT network FROM keepalive ORDER BY used DESC LIMIT ?1)")

    /// The one that was used last in the end.
    func keepalives() throws(SQLiteError) -> [StoredKeepalive] {
        let rows = try database.statement(InboxStore.readKeepalives).bind(1, Int64(KeepaliveMemory.mostNetworks))
            .rows { row -> StoredKeepalive? in
                let name = row.text(0)
                guard !name.isEmpty, name.utf8.count <= StoredKeepalive.longestName else { return nil }
                return StoredKeepalive(
                    name, kept: duration(row, 1), forgotten: duration(row, 2),
                    failures: Int(row.integer(3, in: 0...1000)))
            }
        return rows.reversed()
    }

    func keep(_ keepalive: StoredKeepalive) throws(SQLiteError) {
        guard keepalive.network.utf8.count <= StoredKeepalive.longestName else { return }
        try database.statement(InboxStore.keepKeepalive).bind(1, keepalive.network)
            .bind(2, keepalive.kept?.wholeMilliseconds).bind(3, keepalive.forgotten?.wholeMilliseconds)
            .bind(4, Int64(keepalive.failures)).run()
        try database.statement(InboxStore.removeOldKeepalives).bind(1, Int64(KeepaliveMemory.mostNetworks)).run()
    }

    private func duration(_ row: Statement, _ column: Int32) -> Duration? {
        row.isNull(column) ? nil : .milliseconds(row.integer(column))
    }
}
