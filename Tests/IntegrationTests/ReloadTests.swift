import Foundation
import MPushCipher
import MPushConfiguration
import MPushDaemon
import MPushModel
import MPushSimulator
import MPushSystemd
import NIOCore
import Testing

/// SIGHUP: what can change without losing the connection does, and a bad file changes nothing.
@Suite struct ReloadTests {
    @Test func tagsAndUserAreBoundOnTheSameConnection() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            try place.write(place.configuration(identity: "user = \"alice\"\ntags = [\"new\"]"))
            try await place.onDaemon { try $0.reload() }
            _ = try await place.sink.next(after: line) { $0.text.contains("bound alice with tags new") }
            try place.write(place.configuration(identity: "user = \"carol\""))
            try await place.onDaemon { try $0.reload() }
            _ = try await place.sink.next(after: line) { $0.text.contains("bound carol") }
            let statistics = try await place.simulator.statistics().get()
            #expect(statistics.connectionsEver == 1)
            #expect(try await place.simulator.connections().get().map(\.user) == ["carol"])
        }
    }

    @Test func aBadFileChangesNothingAndSaysWhy() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            try place.write(place.configuration() + "\n[nonsense]\nkey = 1\n")
            await #expect(throws: ConfigurationErrors.self) { try await place.onDaemon { try $0.reload() } }
            let rejected = try await place.sink.next(after: line) { $0.event == .configurationRejected }
            #expect(rejected.text.contains("nonsense"))
            #expect(rejected.value(.line) != nil)
            let reports = try await place.simulator.push(ByteBuffer(string: "still here"), to: "alice").get()
            #expect(reports.count == 1)
            #expect(try await place.simulator.statistics().get().connectionsEver == 1)
        }
    }

    @Test func anotherServerOrTrustMakesANewConnection() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            var line = place.sink.count
            try place.write(place.configuration(endpoints: ["localhost:\(place.port)"]))
            try await place.onDaemon { try $0.reload() }
            let closed = try await place.sink.next(after: line) { $0.event == .connectionLost }
            #expect(closed.value(.cause) == "reconfigured")
            #expect(try await place.online(after: line).value(.endpoint) == "localhost:\(place.port)")
            line = place.sink.count
            let text = place.configuration(endpoints: ["localhost:\(place.port)"], tls: "minimum_version = \"1.3\"")
            try place.write(text)
            try await place.onDaemon { try $0.reload() }
            try await place.online(after: line)
        }
    }

    @Test func theServerThatIsLeftDoesNotHearWhoComesNext() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            let first = try await place.simulator.connections().get().first?.id
            let endpoints = ["localhost:\(place.port)"]
            try place.write(place.configuration(endpoints: endpoints, identity: "user = \"carol\""))
            try await place.onDaemon { try $0.reload() }
            try await place.online(after: line)
            let bound = try await place.simulator.event(after: 0) {
                if case .bound(user: "carol", _) = $0.kind { true } else { false }
            }.get()
            #expect(bound.connection != first)
        }
    }

    @Test func whatAnotherAllocatorSaidIsOfNoMoreWorth() async throws {
        try await Workplace.run(Workplace()) { place in
            let allocator = try await place.simulator.startAllocator(isSecured: false).get()
            let url = "http://127.0.0.1:\(allocator.port ?? 0)"
            try await place.start(place.configuration(endpoints: ["127.0.0.1:1"], server: "allocator = \"\(url)/a\""))
            try await place.online()
            let line = place.sink.count
            try place.write(place.configuration(endpoints: ["127.0.0.1:1"], server: "allocator = \"\(url)/b\""))
            try await place.onDaemon { try $0.reload() }
            let closed = try await place.sink.next(after: line) { $0.event == .connectionLost }
            #expect(closed.value(.cause) == "reconfigured")
            try await place.online(after: line)
        }
    }

    @Test func aReloadNamesWhatIsNotInForceYet() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let other = "[api]\nsocket = \"\(place.directory.path)/other.sock\"\n"
            for more in [other + "[limits]\nmax_body = \"2MiB\"\n[log]\nlevel = \"debug\"\n", other] {
                let line = place.sink.count
                try place.write(place.configuration(more: more))
                try await place.onDaemon { try $0.reload() }
                let next = try await place.sink.next(after: line) { $0.text.hasPrefix("in force from the next") }
                #expect(next.text == "in force from the next connection on: limits.max_body")
                // Again at each reload: it is still not in force.
                let late = try await place.sink.next(after: line) { $0.text.hasPrefix("read only at the start") }
                #expect(late.text == "read only at the start, restart mpushd for it: api.socket")
            }
            let line = place.sink.count
            try place.write(place.configuration())
            try await place.onDaemon { try $0.reload() }
            _ = try await place.sink.next(after: line) { $0.event == .configurationReloaded }
            #expect(!place.sink.records.dropFirst(line).contains { $0.text.hasPrefix("read only at the start") })
            #expect(try await place.simulator.statistics().get().connectionsEver == 1)
        }
    }

    @Test func anotherServerKeyMakesANewConnection() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            let key = try RSAPrivateKey.generate(bits: 1024).publicKey.base64
            try place.write(place.configuration().replacing("\(place.file("server-rsa.pem").path)", with: key))
            try await place.onDaemon { try $0.reload() }
            let closed = try await place.sink.next(after: line) { $0.event == .connectionLost }
            #expect(closed.value(.cause) == "reconfigured")
        }
    }

    @Test func identitiesComeAndGo() async throws {
        try await Workplace.run(Workplace()) { place in
            let both =
                "[[identity]]\nuser = \"alice\"\ndevice_id = \"a\"\n[[identity]]\nuser = \"bob\"\ndevice_id = \"b\"\n"
            let one = "[[identity]]\nuser = \"bob\"\ndevice_id = \"b\"\n"
            try await place.start(place.configuration(identity: both))
            _ = try await place.sink.next(after: 0) { $0.event == .online && $0.value(.user) == "alice" }
            _ = try await place.sink.next(after: 0) { $0.event == .online && $0.value(.user) == "bob" }
            let event = try await place.simulator.eventCount().get()
            try place.write(place.configuration(identity: one))
            try await place.onDaemon { try $0.reload() }
            _ = try await place.simulator.event(after: event) {
                if case .closed = $0.kind { $0.user == "alice" } else { false }
            }.get()
            #expect(try await place.simulator.connections().get().map(\.user) == ["bob"])
            let gone = try await place.sink.next(after: 0) { $0.event == .connectionLost }
            #expect(gone.value(.user) == "alice")
            #expect(gone.value(.cause) == "local-stop")
        }
    }
}
