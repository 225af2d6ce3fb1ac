import MPushModel
import Testing

@testable import MPushInbox

/// The allocator's last good answer, as it outlives the daemon.
@Suite struct AllocationTests {
    private static func endpoints(_ texts: [String]) throws -> [Endpoint] {
        try texts.map { try Endpoint(parsing: $0) }
    }

    @Test func itOutlivesTheProcess() async throws {
        let servers = try Self.endpoints(["a.example:3000", "[2001:db8::7]:3001", "198.51.100.7:3000"])
        try await InboxBench.run { bench in
            try await bench.open()
            #expect(try await bench.allocation() == nil)
            try await bench.keep(StoredAllocation(source: "one", servers: Array(servers.prefix(1))))
            try await bench.keep(StoredAllocation(source: "two", servers: servers))
            try await bench.close()
            try await bench.open()
            #expect(try await bench.allocation() == StoredAllocation(source: "two", servers: servers))
        }
    }

    @Test func itIsBounded() throws {
        let many = try Self.endpoints((1...1000).map { "h\($0):1" })
        #expect(StoredAllocation(source: "x", servers: many).servers == Array(many.prefix(64)))
    }
}

extension InboxBench {
    fileprivate func allocation() async throws -> StoredAllocation? {
        try await ask { inbox, done in inbox.allocation { done($0) } }
    }

    fileprivate func keep(_ allocation: StoredAllocation) async throws {
        let _: Bool = try await ask { inbox, done in
            inbox.keep(allocation)
            done(true)
        }
    }
}
