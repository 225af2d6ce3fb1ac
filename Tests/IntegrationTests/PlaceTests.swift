import MPushDaemon
import MPushModel
import MPushSimulator
import MPushSystemd
import NIOCore
import Testing

/// Where the daemon connects to: endpoints in order, names with several addresses, an allocator.
@Suite struct PlaceTests {
    @Test func theNextEndpointIsTriedAtOnce() async throws {
        try await Workplace.run(Workplace()) { place in
            let text = place.configuration(endpoints: ["127.0.0.1:1", "127.0.0.1:\(place.port)"])
            try await place.start(text)
            let failed = try await place.sink.next(after: 0) { $0.event == .attemptFailed }
            #expect(failed.value(.endpoint) == "127.0.0.1:1")
            #expect(failed.text.hasSuffix("; trying at once"))
            #expect(try await place.online().value(.endpoint) == "127.0.0.1:\(place.port)")
        }
    }

    @Test func aNameIsLookedUpAndItsAddressesRaced() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start(place.configuration(endpoints: ["localhost:\(place.port)"]))
            #expect(try await place.online().value(.endpoint) == "localhost:\(place.port)")
        }
    }

    @Test func aNameThatDoesNotExistIsSaid() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start(place.configuration(endpoints: ["does-not-exist.invalid:3000"]))
            let failed = try await place.sink.next(after: 0) { $0.event == .attemptFailed }
            #expect(failed.value(.cause) == "resolve")
        }
    }

    @Test(arguments: [false, true])
    func anAllocatorIsAskedAndItsLastAnswerKept(isSecured: Bool) async throws {
        try await Workplace.run(Workplace()) { place in
            let allocator = try await place.simulator.startAllocator(isSecured: isSecured).get()
            let url = "\(isSecured ? "https" : "http")://127.0.0.1:\(allocator.port ?? 0)/allocate?type=tcp"
            let text = place.configuration(endpoints: ["127.0.0.1:1"], server: "allocator = \"\(url)\"")
            try await place.start(text)
            #expect(try await place.online().value(.endpoint) == "127.0.0.1:\(place.port)")
            let line = place.sink.count
            try await place.simulator.allocate("nonsense").get()
            try await place.simulator.inject(.close, into: .present).get()
            let failed = try await place.sink.next(after: line) { $0.event == .allocatorFailed }
            #expect(failed.text.contains("trying the servers of its last answer"))
            #expect(try await place.online(after: line).value(.endpoint) == "127.0.0.1:\(place.port)")
            // It outlives the process.
            _ = try await place.stop()
            let restart = place.sink.count
            try await place.start(text)
            let again = try await place.sink.next(after: restart) { $0.event == .allocatorFailed }
            #expect(again.text.contains("trying the servers of its last answer"))
            #expect(try await place.online(after: restart).value(.endpoint) == "127.0.0.1:\(place.port)")
        }
    }

    /// Whatever answers in the allocator's place, as a portal does, must not take the place of what led to a server.
    @Test func anAnswerIsKeptOnceAServerOfItWasThere() async throws {
        try await Workplace.run(Workplace()) { place in
            let allocator = try await place.simulator.startAllocator().get()
            let url = "http://127.0.0.1:\(allocator.port ?? 0)/"
            let text = place.configuration(endpoints: ["127.0.0.1:1"], server: "allocator = \"\(url)\"")
            try await place.start(text)
            try await place.online()
            let line = place.sink.count
            try await place.simulator.allocate("127.0.0.1:2").get()
            try await place.simulator.inject(.close, into: .present).get()
            _ = try await place.sink.next(after: line) { $0.value(.endpoint) == "127.0.0.1:2" }
            _ = try await place.stop()
            try await place.simulator.allocate("nonsense").get()
            let restart = place.sink.count
            try await place.start(text)
            #expect(try await place.online(after: restart).value(.endpoint) == "127.0.0.1:\(place.port)")
        }
    }
}
