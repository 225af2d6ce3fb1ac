package import MPushModel

/// The last good answer of an allocator, as it outlives the daemon.
package struct StoredAllocation: Equatable, Sendable {
    /// More servers than these are not kept.
    package static let mostServers = 64

    /// Which allocator it was: the same text for the same URL.
    package let source: String
    /// The best first.
    package let servers: [Endpoint]

    package init(source: String, servers: [Endpoint]) {
        self.source = source
        self.servers = Array(servers.prefix(StoredAllocation.mostServers))
    }
}

/// The last good answer of the allocator, of which there is one.
extension InboxStore {
    private static let readAllocation = SQL("SELECT source, servers FROM allocation")
    private static let keepAllocation = SQL("INSERT OR REPLACE INTO allocation VALUES (1, ?1, ?2)")

    /// nil for none, and for what cannot be one.
    func allocation() throws(SQLiteError) -> StoredAllocation? {
        try database.statement(InboxStore.readAllocation).rows { row -> StoredAllocation? in
            let servers = row.text(1).split(separator: ",", maxSplits: StoredAllocation.mostServers)
                .compactMap { try? Endpoint(parsing: String($0)) }
            return servers.isEmpty ? nil : StoredAllocation(source: row.text(0), servers: servers)
        }.first
    }

    func keep(_ allocation: StoredAllocation) throws(SQLiteError) {
        try database.statement(InboxStore.keepAllocation).bind(1, allocation.source)
            .bind(2, allocation.servers.map(\.description).joined(separator: ",")).run()
    }
}
