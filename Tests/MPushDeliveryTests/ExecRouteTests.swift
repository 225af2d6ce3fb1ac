import Foundation
import Glibc
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import MPushSystemd
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushDelivery

/// Routes to programs, from the inbox to the confirmation.
@Suite(.timeLimit(.minutes(1))) struct ExecRouteTests {
    private func withBench(_ body: (DeliveryBench) async throws -> Void) async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await body(bench)
        try await bench.stop()
    }

    @Test func eachMessageReachesTheProgramInOrder() async throws {
        try await withBench { bench in
            let script = try bench.script("cat >>'\(bench.directory.path)/out'; echo >>'\(bench.directory.path)/out'")
            try await bench.start([try .exec("notify", "/bin/sh", [script])])
            try await bench.store((1...20).map(String.init))
            try await bench.wait { $0.consumed.count == 20 }
            #expect(bench.content("out") == (1...20).map { "\($0)\n" }.joined())
            #expect(try await bench.withStage { $0.consumed } == Array(1...20))
            let status = try await bench.status("notify")
            #expect(status?.done == 20 && status?.waiting == 0 && status?.running == 0)
        }
    }

    /// The first route has nothing to do, and ends at once; the other one's program is given its time.
    @Test func aStopWaitsForEveryRoute() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let out = bench.directory.path + "/out"
        let script = try bench.script(
            "trap 'sleep 0.2; echo ended >>\(out); exit 0' TERM; echo begun >>\(out); sleep 60 & wait")
        try await bench.start([try .exec("idle", "/bin/true"), try .exec("busy", "/bin/sh", [script])])
        try await bench.store(["x"])
        try await bench.wait { $0.consumed == [1] }
        while bench.content("out") != "begun\n" { await Task.yield() }
        try await bench.stop()
        #expect(bench.content("out") == "begun\nended\n")
    }

    /// What is done need not be done again.
    @Test func aProgramThatIsNearlyDoneIsLetEndAtAStop() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let out = bench.directory.path + "/out"
        let script = try bench.script("echo begun >>\(out); sleep 0.3; echo done >>\(out)")
        try await bench.start([try .exec("notify", "/bin/sh", [script])], patience: .seconds(10))
        try await bench.store(["x"])
        while bench.content("out") != "begun\n" { await Task.yield() }
        try await bench.stop()
        #expect(bench.content("out") == "begun\ndone\n")
        let second = try DeliveryBench(at: bench.directory)
        try await second.start([try .exec("notify", "/bin/sh", [script])])
        #expect(try await second.status("notify")?.waiting == 0)
        try await second.stop()
    }

    @Test func aProgramThatHasToBeEndedAtAStopIsSaid() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let script = try bench.script("echo begun >'\(bench.directory.path)/begun'; exec sleep 1000")
        try await bench.start([try .exec("notify", "/bin/sh", [script])])
        try await bench.store(["x"])
        // Before it has begun it would be withdrawn, not ended.
        while bench.content("begun") != "begun\n" { await Task.yield() }
        try await bench.stop()
        #expect(bench.sink.texts(of: .notice).count == 1)
        #expect(bench.sink.texts(of: .notice).first?.hasSuffix("will be handed over again") == true)
    }

    /// The machine, or the daemon, is short of something: that is nobody's fault.
    @Test(arguments: [EMFILE, ENFILE, ENOMEM, EAGAIN, ENOBUFS], [ProgramEnd.Step.prepare, .execute, .directory])
    func aShortageIsNoAttempt(number: CInt, step: ProgramEnd.Step) {
        let settings = ExecSettings(program: "/bin/true", arguments: [])
        let result = ExecTarget.result(of: .notStarted(number: number, step), settings)
        guard case .postponed = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test func theProgramIsToldAboutTheMessage() async throws {
        try await withBench { bench in
            let script = try bench.script("env | sort >'\(bench.directory.path)/out'")
            try await bench.start([try .exec("notify", "/bin/sh", [script])])
            let stored = try await bench.store([#"{"msgId":"a\nb","msgType":7}"#])
            try await bench.wait { $0.consumed.count == 1 }
            let lines = bench.content("out").split(separator: "\n").map(String.init)
            let message = try #require(stored.first)
            #expect(lines.contains("MPUSH_ID=\(EnvironmentValue.onOneLine(message.id))"))
            #expect(
                Set(lines).isSuperset(of: [
                    "MPUSH_USER=alice", "MPUSH_IDENTITY=home", "MPUSH_TYPE=7", "MPUSH_ROUTE=notify", "MPUSH_ATTEMPT=1",
                ]))
            let allowed = ["MPUSH_", "PATH=", "LANG=", "HOME=", "PWD=", "OLDPWD=", "SHLVL=", "_=", "STATE_DIRECTORY="]
            #expect(lines.allSatisfy { line in allowed.contains { line.hasPrefix($0) } }, "\(lines)")
        }
    }

    /// A value is told from any other by what the program sees of it, and percent-decoding gives it back.
    @Test(arguments: ["a\nb", "a%0Ab", "a%250Ab", "%", "50% off", "\u{7F}", "%7F", "a\r\nb", "ä🚨", ""])
    func twoValuesNeverBecomeOne(value: String) {
        let shown = EnvironmentValue.onOneLine(value)
        #expect(shown.removingPercentEncoding == value)
        #expect(!shown.utf8.contains { $0 < 0x20 || $0 == 0x7F })
    }

    @Test func status75IsTriedAgainUntilItWorks() async throws {
        try await withBench { bench in
            let path = bench.directory.path
            let script = try bench.script("echo $MPUSH_ATTEMPT >>\(path)/out; test $MPUSH_ATTEMPT -ge 3 || exit 75")
            try await bench.start([try .exec("notify", "/bin/sh", [script], attempts: 5)])
            try await bench.store(["x"])
            try await bench.wait { $0.consumed == [1] }
            #expect(bench.content("out") == "1\n2\n3\n")
            #expect(bench.sink.texts(.routeFailing).count == 1)
            #expect(bench.sink.texts(.routeRecovered).count == 1)
        }
    }

    @Test func afterItsAttemptsAMessageIsDeadAndTheNextOneHasItsTurn() async throws {
        try await withBench { bench in
            let script = try bench.script("test \"$(cat)\" != bad || exit 75")
            try await bench.start([try .exec("notify", "/bin/sh", [script], attempts: 2)])
            try await bench.store(["bad", "good"])
            try await bench.wait { $0.consumed == [2] }
            let dead = try await bench.ask { stage, done in
                stage.inbox.deadLetters(DeadLetterQuery(route: "notify")) { done($0) }
            }.get().deadLetters
            #expect(dead.map(\.attempts) == [2])
            #expect(dead.first?.message.position.rawValue == 1)
            #expect(bench.sink.texts(.deadLetter).count == 1)
            #expect(try await bench.status("notify")?.deadLetters == 1)
        }
    }

    @Test func anotherStatusIsDeadAtOnceAndCanBeSentAgain() async throws {
        try await withBench { bench in
            let path = bench.directory.path
            let script = try bench.script("test -e \(path)/mended || { echo broken >&2; exit 3; }")
            try await bench.start([try .exec("notify", "/bin/sh", [script])])
            try await bench.store(["x"])
            try await bench.wait { $0.delivery?.status.first?.deadLetters == 1 }
            #expect(try await bench.withStage { $0.results } == [.rejected("/bin/sh ended with status 3")])
            let output = try #require(bench.sink.records.first { $0.event == .programOutput })
            #expect(output.text == "route notify: sh: broken")
            #expect(output.fields.contains { $0.name == .messageID })
            _ = try bench.script("", "mended")
            // The grave is recorded before it can be emptied: what was recorded goes before what is asked.
            let count = try await bench.ask { stage, done in
                stage.delivery?.sendAgain(nil, of: "notify") { done($0) }
            }.get()
            #expect(count == 1)
            try await bench.wait { $0.consumed == [1] }
            #expect(try await bench.status("notify")?.deadLetters == 0)
        }
    }

    @Test(.disabled(if: ThreadSanitizer.isOn), arguments: ["/nonexistent/program", "/etc/passwd"])
    func aProgramThatCannotBeStartedIsTriedAgain(program: String) async throws {
        try await withBench { bench in
            try await bench.start([try .exec("notify", program, attempts: 2)])
            try await bench.store(["x"])
            try await bench.wait { $0.results.count == 3 }
            #expect(
                try await bench.withStage { $0.results }.allSatisfy {
                    if case .unavailable(let words) = $0 { words.hasPrefix(program) } else { false }
                })
            let status = try await bench.status("notify")
            #expect(status?.deadLetters == 0 && status?.targetDownFor != nil)
        }
    }

    @Test func oneRouteThatIsStuckHoldsUpNoOther() async throws {
        try await withBench { bench in
            try await bench.start([
                try .exec("stuck", "/bin/sleep", ["1000"]), try .exec("quick", "/bin/cat"),
            ])
            try await bench.store((1...10).map(String.init))
            try await bench.wait { $0.delivery?.status.last?.done == 10 }
            #expect(try await bench.status("stuck")?.running == 1)
        }
    }

    @Test func withMoreAtOnceOthersGoOn() async throws {
        try await withBench { bench in
            let script = try bench.script("test \"$(cat)\" != slow || exec sleep 1000")
            try await bench.start([try .exec("notify", "/bin/sh", [script], concurrency: 3)])
            try await bench.store(["slow"] + (1...10).map(String.init))
            try await bench.wait { $0.consumed.count == 10 }
            #expect(try await bench.withStage { $0.consumed.sorted() } == Array(2...11))
        }
    }

    @Test func whatItsFilterDoesNotWantIsPassedOver() async throws {
        try await withBench { bench in
            let filter = RouteFilter(types: [7])
            try await bench.start([try .exec("notify", "/bin/cat", filter: filter)])
            try await bench.store([#"{"msgType":1}"#, #"{"msgType":7}"#, "no JSON"])
            try await bench.wait { $0.consumed == [2] }
            #expect(try await bench.status("notify")?.passed == 2)
        }
    }

    @Test func aRouteThatIsBehindReadsTheInbox() async throws {
        try await withBench { bench in
            try await bench.start([])
            try await bench.store((1...300).map(String.init))
            let script = try bench.script("cat >>\(bench.directory.path)/out; echo >>\(bench.directory.path)/out")
            try await bench.apply([try .exec("notify", "/bin/sh", [script])])
            try await bench.wait { $0.consumed.count == 300 }
            #expect(bench.content("out") == (1...300).map { "\($0)\n" }.joined())
        }
    }

    @Test func aRestartGoesOnWhereItWas() async throws {
        let first = try DeliveryBench()
        defer { first.remove() }
        let script = try first.script("cat >>\(first.directory.path)/out; echo >>\(first.directory.path)/out")
        try await first.start([try .exec("notify", "/bin/sh", [script])])
        try await first.store(["1", "2"])
        try await first.wait { $0.consumed.count == 2 }
        try await first.stop()
        let second = try DeliveryBench(at: first.directory)
        try await second.start([try .exec("notify", "/bin/sh", [script])])
        try await second.store(["3"])
        try await second.wait { $0.consumed == [3] }
        #expect(second.content("out") == "1\n2\n3\n")
        try await second.stop()
    }

    @Test func theDaemonsEndEndsProgramsAndCountsNoAttempt() async throws {
        let first = try DeliveryBench()
        defer { first.remove() }
        try await first.start([try .exec("notify", "/bin/sleep", ["1000"])])
        try await first.store(["1"])
        try await first.wait { $0.delivery?.status.first?.running == 1 }
        try await first.stop()
        let second = try DeliveryBench(at: first.directory)
        let script = try second.script("echo $MPUSH_ATTEMPT >\(second.directory.path)/out")
        try await second.start([try .exec("notify", "/bin/sh", [script])])
        try await second.wait { $0.consumed == [1] }
        #expect(second.content("out") == "1\n")
        try await second.stop()
    }

    @Test(.disabled(if: ThreadSanitizer.isOn)) func aChangedRouteGoesOnAtItsCursor() async throws {
        try await withBench { bench in
            try await bench.start([try .exec("notify", "/nonexistent", attempts: 100, wait: .seconds(1))])
            try await bench.store(["1", "2"])
            try await bench.wait { $0.results.count == 1 }
            let script = try bench.script("cat >>\(bench.directory.path)/out; echo >>\(bench.directory.path)/out")
            try await bench.apply([try .exec("notify", "/bin/sh", [script])])
            try await bench.wait { $0.consumed == [1, 2] }
            #expect(bench.content("out") == "1\n2\n")
        }
    }

    @Test func aRouteThatIsTakenOutEndsItsProgramAndCanComeBack() async throws {
        try await withBench { bench in
            try await bench.start([try .exec("notify", "/bin/sleep", ["1000"])])
            try await bench.store(["1"])
            try await bench.wait { $0.delivery?.status.first?.running == 1 }
            try await bench.apply([])
            try await bench.apply([try .exec("notify", "/bin/cat")])
            try await bench.wait { $0.consumed == [1] }
        }
    }
}
