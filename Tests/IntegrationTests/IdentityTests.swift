import MPushConfiguration
import MPushConnection
import MPushControl
import MPushInbox
import MPushModel
import MPushSession
import MPushSimulator
import MPushSystemd
import NIOCore
import NIOPosix
import Testing

@testable import MPushDaemon
@testable import MPushIdentity
@testable import MPushLocalAPI
@testable import MPushPlatform

/// What an identity counts and reports of what happens to it.
@Suite struct IdentityTests {
    /// A machine that could not try is no attempt at the server.
    @Test func aShortageIsNotCountedAsAnAttempt() async throws {
        try await Workplace.run(Workplace()) { place in
            let machine = Machine.thisOne
            let network = ShortNetwork(machine.network)
            try await place.start(
                place.configuration(endpoints: ["localhost:\(place.port)"]),
                on: Machine(
                    clock: machine.clock, threads: machine.threads, network: network, routes: machine.routes,
                    sleepNews: machine.sleepNews, files: machine.files, memory: machine.memory,
                    programs: machine.programs))
            for _ in 0..<2 {
                let failed = try await place.sink.next(after: 0) { $0.event == .attemptFailed }
                #expect(failed.value(.cause) == "shortage", "\(failed.text)")
            }
            let counted = try await place.onDaemon { try #require($0.parts?.fleet.runners.first).totals }
            #expect(counted.attempts == 0)
            #expect(counted.losses["shortage", default: 0] > 0)
            network.isShort = false
            try await place.online()
            #expect(try await place.onDaemon { $0.parts?.fleet.runners.first?.totals.attempts } == 1)
        }
    }

    /// Servers that close over an operator's BIND again and again: it is given up, and that is an event.
    @Test func aUserThatNoServerBindsIsDroppedWithAnEvent() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.start()
            try await place.online()
            let line = place.sink.count
            try await place.onDaemon { daemon in
                let runner = try #require(daemon.parts?.fleet.runners.first)
                runner.pause()
                runner.bind(user: "mallory", tags: nil) { _ in }
            }
            // As soon as the session is open the client sends BIND, and finds that the server has closed. On the third of them
            // it makes a new session first, because the stored one may be to blame.
            try await place.simulator.inject(.close, into: .next(4, at: .opened)).get()
            try await place.onDaemon { $0.parts?.fleet.runners.first?.resume() }
            let dropped = try await place.sink.next(after: line) { $0.text.contains("does not bind mallory") }
            #expect(dropped.event == .bindRejected && dropped.text.contains("alice is bound in its place"))
            #expect(try await place.online(after: line).value(.user) == "alice")
            let events = try await place.onDaemon { $0.events.entries(after: 0, limit: 100) }
            let rejected = events.filter { $0.event == .known(.bindRejected) && $0.text == dropped.text }
            #expect(rejected.map(\.identity) == ["alice"])
        }
    }

    /// Who waits for the clock has it looked at twice a second, which an idle device would pay for.
    @Test func nobodyWaitsForTheClockOnceThereIsAConnection() async throws {
        try await Workplace.run(Workplace()) { place in
            try await place.simulator.inject(.sayNothing, into: .everyone).get()
            let endpoints = ["127.0.0.1:\(place.port)", "localhost:\(place.port)"]
            try await place.start(place.configuration(endpoints: endpoints))
            while try await place.onDaemon({ $0.parts?.fleet.runners.first?.connection == nil }) {}
            try await place.simulator.lift(.sayNothing).get()
            try await place.onDaemon { daemon in
                let cause = LossCause.clock(.expired(detail: "ended"), .unsynchronised, at: MachineClock().wall)
                daemon.parts?.fleet.runners.first?.connection?.handler.abandon(cause)
            }
            _ = try await place.sink.next(after: 0) { $0.value(.cause) == "clock" }
            #expect(try await place.online().value(.endpoint) == endpoints[1])
            #expect(try await place.onDaemon { $0.services.wallClock.waiting.isEmpty })
        }
    }

    private final class Events: IdentityEventSink {
        var all: [IdentityEvent] = []

        func record(_ event: IdentityEvent) { all.append(event) }
    }

    /// What happens to an identity after it was renamed happens to the one of its new name.
    @Test func aRenamedIdentityReportsOfItsTicketUnderItsNewName() async throws {
        try await Workplace.run(Workplace()) { place in
            let loop = place.group.next()
            let key = place.simulator.publicKey
            let sink = place.sink
            let (names, identities) = try await loop.flatSubmit {
                let done = loop.makePromise(of: ([String], [String?]).self)
                do {
                    let timer = try LoopTimer(on: loop, clock: MachineClock())
                    let events = Events()
                    // No directory can be made there.
                    let inbox = Inbox(
                        directory: "/proc/none", settings: InboxSettings(), clock: MachineClock(),
                        threads: ShortThreads(), files: MachineFiles(), timer: timer
                    ) { _ in }
                    let journal = FleetJournal(Logger(sink: sink), events: events, timer: timer)
                    func log(_ name: String) -> IdentityLog {
                        IdentityLog(
                            journal, name: name, isOneOfSeveral: false, allocator: nil, clock: MachineClock())
                    }
                    var keeper: TicketKeeper?
                    keeper = TicketKeeper(
                        of: "old", stored: nil, serverKeys: [key], inbox: inbox, log: log("old")
                    ) {
                        done.succeed((events.all.map(\.identity), sink.records.map { $0.value(.identity) }))
                        keeper = nil
                        inbox.close {}
                        timer.close()
                    }
                    keeper?.renamed(to: "new", log: log("new"))
                } catch {
                    done.fail(error)
                }
                return done.futureResult
            }.get()
            #expect(names == ["new"])
            #expect(identities == ["new"])
        }
    }
}
