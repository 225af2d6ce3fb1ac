import Foundation
import Glibc
import MPushIdentity
import MPushInbox
import MPushModel
import MPushSimulator
import MPushSystemd
import MPushTestSupport
import MPushWire
import Testing

@testable import MPushDaemon

/// The daemon, whole, with its inbox and real programs: what is acknowledged when, and what a restart keeps.
@Suite struct DeliveryTests {
    @Test func aProgramHasTheMessageAndItsSenderHearsOfIt() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let route = place.shellRoute("take", "echo \"$MPUSH_ID $(cat)\"")
            try await place.start(place.configuration(more: route))
            try await place.online()
            for flags: PacketFlags in [.autoAck, .bizAck, [.autoAck, .bizAck]] {
                let text = "{\"msgId\":\"m-\(flags.rawValue)\",\"content\":\"hello\"}"
                #expect(try await place.isAcknowledged(text, flags: flags), "\(flags)")
                try await place.program(says: "m-\(flags.rawValue) \(text)")
            }
        }
    }

    @Test func whatAwaitsItsConsumerIsNotAcknowledgedBefore() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let route = place.shellRoute(
                "take", "[ -e \(place.file("go").path) ] || exit 75; echo taken", more: "when = { content = \"mine\" }")
            try await place.start(place.configuration(more: route))
            try await place.online()
            // No route takes it: it is stored, and nobody says more.
            #expect(try await !place.isAcknowledged("of nobody", flags: .bizAck, within: .milliseconds(500)))
            #expect(try await place.isAcknowledged("of nobody, stored", flags: .autoAck))
            // Its program is not ready, then it is.
            #expect(try await !place.isAcknowledged("mine 1", flags: .bizAck, within: .milliseconds(500)))
            async let second = place.isAcknowledged("mine 2", flags: .bizAck)
            _ = try await place.sink.next(after: 0) { $0.event == .routeFailing }
            try "".write(to: place.file("go"), atomically: true, encoding: .utf8)
            #expect(try await second)
        }
    }

    @Test func whoWantsNoMoreIsToldWhenItIsStored() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            try await place.start(place.configuration(more: "[inbox]\nbiz_ack = \"stored\""))
            try await place.online()
            #expect(try await place.isAcknowledged("for nobody", flags: .bizAck))
        }
    }

    @Test func theSameMessageIsAcknowledgedEachTimeAndHandedOverOnce() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let taken = place.file("taken").path
            try await place.start(place.configuration(more: place.shellRoute("take", "echo $MPUSH_ID >>\(taken)")))
            try await place.online()
            let text = #"{"msgId":"once","content":"x"}"#
            for flags: PacketFlags in [.autoAck, .bizAck, .bizAck, .autoAck] {
                #expect(try await place.isAcknowledged(text, flags: flags), "\(flags)")
            }
            #expect(try await place.isAcknowledged(#"{"msgId":"last"}"#, flags: .bizAck))
            #expect(place.lines(of: "taken") == ["once", "last"])
            let status = try await place.onDaemon { $0.services.inbox.status }
            #expect(status.stored == 2 && status.duplicates == 3)
        }
    }

    @Test func whatWasAcknowledgedIsDeliveredAfterARestart() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let ready = place.file("go").path
            let route = place.shellRoute("take", "[ -e \(ready) ] || exit 75; echo \"$MPUSH_ID $(cat)\"")
            try await place.start(place.configuration(more: route))
            try await place.online()
            for number in 1...3 { #expect(try await place.isAcknowledged("number \(number)")) }
            let ids = try await place.onDaemon { $0.services.inbox.status.last.rawValue }
            #expect(ids == 3)
            try await place.stop()
            let line = place.sink.count
            try "".write(to: place.file("go"), atomically: true, encoding: .utf8)
            try await place.start(place.configuration(more: route))
            for number in 1...3 { try await place.program(says: "-\(number) number \(number)", after: line) }
        }
    }

    @Test func aFullInboxRefusesAndSaysSoOnce() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let route = place.shellRoute("never", "exit 75")
            try await place.start(place.configuration(more: "[inbox]\nmax_messages = 2\n" + route))
            try await place.online()
            #expect(try await place.isAcknowledged("1"))
            #expect(try await place.isAcknowledged("2"))
            #expect(try await !place.isAcknowledged("3", within: .milliseconds(500)))
            #expect(try await !place.isAcknowledged("4", within: .milliseconds(500)))
            #expect(place.sink.records.count { $0.event == .inboxFull } == 1)
            #expect(place.sink.records.count { $0.event == .messageNotTaken } == 1)
            #expect(!place.sink.records.contains { $0.event == .connectionLost })
        }
    }

    @Test func theOldestGiveWayWhereThatIsAskedFor() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let route = place.shellRoute("never", "exit 75")
            let bounds = "[inbox]\nmax_messages = 2\non_full = \"drop_oldest\"\n"
            try await place.start(place.configuration(more: bounds + route))
            try await place.online()
            for number in 1...5 { #expect(try await place.isAcknowledged("\(number)")) }
            let status = try await place.onDaemon { $0.services.inbox.status }
            #expect(status.messages == 2 && status.dropped == 3)
            #expect(place.sink.records.contains { $0.event == .messagesDropped })
        }
    }

    @Test(.disabled(if: ThreadSanitizer.isOn)) func aProgramThatIsMissingForAMomentLosesNothing() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let program = place.file("program")
            let route = """
                [[route]]
                name = "take"
                exec = ["\(program.path)"]
                retry_min = "100ms"
                retry_max = "100ms"
                attempts = 1000
                """
            try "#!/bin/sh\necho \"got $(cat)\"\n".write(to: program, atomically: true, encoding: .utf8)
            #expect(chmod(program.path, 0o755) == 0)
            try await place.start(place.configuration(more: route))
            try await place.online()
            // Not executable any more, then not there, then a new one.
            #expect(chmod(program.path, 0o644) == 0)
            #expect(try await place.isAcknowledged("one"))
            let failing = try await place.sink.next(after: 0) { $0.event == .routeFailing }
            #expect(failing.text.contains("ermission denied"), "\(failing.text)")
            #expect(unlink(program.path) == 0)
            try "#!/bin/sh\necho \"got $(cat)\"\n".write(to: program, atomically: true, encoding: .utf8)
            #expect(chmod(program.path, 0o755) == 0)
            try await place.program(says: "got one")
            #expect(!place.sink.records.contains { $0.event == .deadLetter })
        }
    }
}
