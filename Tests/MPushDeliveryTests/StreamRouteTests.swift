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

/// Routes to programs that run on, from the inbox to the answer, with real programs.
@Suite(.timeLimit(.minutes(1))) struct StreamRouteTests {
    private func withBench(_ body: (DeliveryBench) async throws -> Void) async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await body(bench)
        try await bench.stop()
    }

    @Test(arguments: [1, 8, 256]) func oneProgramGetsAllInOrder(window: Int) async throws {
        try await withBench { bench in
            try await bench.start([try bench.stream("done(m)", window: window)])
            try await bench.store((1...300).map(String.init))
            try await bench.wait { $0.consumed.count == 300 }
            #expect(bench.content("out") == "begun\n" + (1...300).map { "\($0)\n" }.joined())
            #expect(try await bench.withStage { $0.consumed.sorted() } == Array(1...300))
            let status = try #require(try await bench.status("notify"))
            #expect(status.done == 300 && status.waiting == 0 && status.running == 0 && status.kind == "stream")
        }
    }

    @Test func aRouteThatIsBehindReadsTheInbox() async throws {
        try await withBench { bench in
            try await bench.start([])
            try await bench.store((1...2000).map(String.init))
            try await bench.apply([try bench.stream("done(m)")])
            try await bench.wait { $0.consumed.count == 2000 }
            #expect(bench.content("out") == "begun\n" + (1...2000).map { "\($0)\n" }.joined())
        }
    }

    @Test func theProgramIsToldAboutTheMessageAndTheRoute() async throws {
        try await withBench { bench in
            let program = """
                out.write(json.dumps(m) + "\\n")
                out.write(json.dumps([os.environ["MPUSH_ROUTE"], os.environ["MPUSH_STREAM"], os.getcwd(), sys.argv[2:]]) + "\\n")
                done(m)
                """
            try await bench.start([try bench.stream(program, arguments: ["a b"], says: false)])
            let stored = try await bench.store([#"{"msgId":"a\nb","msgType":7}"#])
            try await bench.wait { $0.consumed == [1] }
            let lines = bench.content("out").split(separator: "\n").map(String.init)
            let message = try #require(stored.first)
            try #require(lines.count == 3)
            let read = try #require(try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: Any])
            #expect(read["id"] as? String == "a\nb" && read["position"] as? Int == 1 && read["attempt"] as? Int == 1)
            #expect(read["user"] as? String == "alice" && read["identity"] as? String == "home")
            #expect(read["type"] as? Int == 7 && read["content"] as? String == #"{"msgId":"a\nb","msgType":7}"#)
            #expect(read["received"] as? String == message.received.rfc3339)
            #expect(lines[2] == #"["notify", "1", "/", ["a b"]]"#)
        }
    }

    /// The one that is to wait does not hold up the others, and is not a failure of the target.
    @Test func whatIsToComeAgainDoesAndWhatIsRejectedDoesNot() async throws {
        try await withBench { bench in
            let program = """
                if m["content"] == "bad": say({"id": m["id"], "reject": "no such table"})
                elif m["content"] == "later" and m["attempt"] < 3: say({"id": m["id"], "retry": "locked", "wait": 0.01})
                else: done(m)
                """
            try await bench.start([try bench.stream(program, attempts: 5)])
            try await bench.store(["later", "bad", "good"])
            try await bench.wait { Set($0.consumed) == [1, 3] && $0.delivery?.status.first?.deadLetters == 1 }
            let dead = try await bench.ask { stage, done in
                stage.inbox.deadLetters(DeadLetterQuery(route: "notify")) { done($0) }
            }.get().deadLetters
            #expect(dead.map(\.reason) == ["no such table"] && dead.map(\.message.position.rawValue) == [2])
            #expect(bench.content("out").split(separator: "\n").count { $0 == "later" } == 3)
            #expect(bench.content("out").split(separator: "\n").count { $0 == "begun" } == 1)
        }
    }

    /// Those that it had answered for do not come again, and those that it had not come in their order.
    @Test func whatAnEndLeavesUnansweredComesAgain() async throws {
        try await withBench { bench in
            let program = """
                if m["content"] == "7" and not os.path.exists(base + "/died"):
                    open(base + "/died", "w").close()
                    os.kill(os.getpid(), 9)
                if m["content"] != "3" or os.path.exists(base + "/died"): done(m)
                """
            try await bench.start([try bench.stream(program)])
            try await bench.store((1...10).map(String.init))
            try await bench.wait { $0.consumed.count == 10 }
            let before = (1...7).map { "\($0)\n" }.joined()
            let after = ([3] + Array(7...10)).map { "\($0)\n" }.joined()
            #expect(bench.content("out") == "begun\n" + before + "begun\n" + after)
            #expect(bench.sink.texts(.routeFailing).count == 1 && bench.sink.texts(.routeRecovered).count == 1)
            let status = try await bench.status("notify")
            #expect(status?.deadLetters == 0 && status?.targetDownFor == nil)
        }
    }

    /// A message that kills the program is given up after its attempts, and is the only one.
    @Test func whatKillsTheProgramIsGivenUp() async throws {
        try await withBench { bench in
            let program = """
                if m["content"] == "poison": sys.exit(3)
                done(m)
                """
            try await bench.start([try bench.stream(program, attempts: 2)])
            try await bench.store((1...20).map { $0 == 5 ? "poison" : String($0) })
            try await bench.wait { $0.consumed.count == 19 && $0.delivery?.status.first?.deadLetters == 1 }
            let dead = try await bench.ask { stage, done in
                stage.inbox.deadLetters(DeadLetterQuery(route: "notify")) { done($0) }
            }.get().deadLetters
            #expect(dead.map(\.message.position.rawValue) == [5])
            #expect(dead.first?.reason.contains("ended with status 3 before it had answered for 1 message") == true)
        }
    }

    /// It may have taken the message; but it can never say so.
    @Test(arguments: ["os.close(1); time.sleep(1000)", "time.sleep(1000)"])
    func whoDoesNotAnswerIsEnded(silence: String) async throws {
        try await withBench { bench in
            let program = """
                if m["attempt"] == 1 and m["content"] == "2" and not os.path.exists(base + "/silent"):
                    open(base + "/silent", "w").close()
                    \(silence)
                done(m)
                """
            try await bench.start([try bench.stream(program, limit: .seconds(1))])
            try await bench.store(["1", "2", "3"])
            try await bench.wait { $0.consumed.count == 3 }
            #expect(bench.content("out") == "begun\n1\n2\nbegun\n2\n3\n")
            #expect(
                bench.sink.records.contains { $0.text.contains("did not answer for message ") },
                "\(bench.sink.records.map(\.text))")
        }
    }

    @Test func whatIsNoAnswerIsSaidOnceAndDoesNoHarm() async throws {
        try await withBench { bench in
            let program = """
                print("processing", m["content"])
                say({"id": "stranger", "done": True})
                done(m)
                done(m)
                """
            try await bench.start([try bench.stream(program)])
            try await bench.store((1...50).map(String.init))
            try await bench.wait { $0.consumed.count == 50 }
            let warnings = bench.sink.texts(of: .warning)
            #expect(warnings.count == 1 && warnings.first?.contains("that is no answer: ") == true, "\(warnings)")
            #expect(try await bench.status("notify")?.failures == 0)
        }
    }

    @Test func aLineWithoutAnEndEndsTheProgram() async throws {
        try await withBench { bench in
            let program = """
                if not os.path.exists(base + "/long"):
                    open(base + "/long", "w").close()
                    sys.stdout.write("x" * 70000); sys.stdout.flush()
                    time.sleep(1000)
                done(m)
                """
            try await bench.start([try bench.stream(program)])
            try await bench.store(["1"])
            try await bench.wait { $0.consumed == [1] }
            #expect(bench.sink.records.contains { $0.text.contains("wrote a line longer than 64 KiB") })
        }
    }

    @Test func itsErrorsAreInTheJournal() async throws {
        try await withBench { bench in
            try await bench.start([
                try bench.stream("print('stored', m['content'], file=sys.stderr, flush=True); done(m)")
            ])
            try await bench.store(["x"])
            try await bench.wait { $0.consumed == [1] }
            while bench.sink.texts(.programOutput).isEmpty { await Task.yield() }
            #expect(bench.sink.texts(.programOutput) == ["route notify: python3: stored x"])
        }
    }

    // MARK: - Ends and beginnings

    /// It finds the end of its input, answers for what it has, and that counts.
    @Test func aStopLetsItAnswer() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let route = try bench.stream("held.append(m)", end: "time.sleep(0.2)\nfor m in held: done(m)")
        try await bench.start([route], patience: .seconds(10))
        try await bench.store(["1", "2", "3"])
        while bench.content("out") != "begun\n1\n2\n3\n" { await Task.yield() }
        try await bench.stop()
        #expect(bench.sink.texts(of: .notice).isEmpty)
        let second = try DeliveryBench(at: bench.directory)
        try await second.start([route])
        #expect(try await second.status("notify")?.waiting == 0)
        try await second.stop()
    }

    @Test(arguments: ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
    func whoDoesNotEndAtAStopIsEndedAndItsMessagesComeAgain(stubbornness: String) async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let route = try bench.stream("\(stubbornness)\ntime.sleep(1000)")
        try await bench.start([route])
        try await bench.store(["1", "2"])
        while bench.content("out") != "begun\n1\n" { await Task.yield() }
        let begun = ContinuousClock.now
        try await bench.stop()
        #expect(ContinuousClock.now - begun < .seconds(20))
        #expect(
            bench.sink.texts(of: .notice) == [
                "route notify: python3 was ended before it had answered for 2 messages, which will be handed over again"
            ])
        let second = try DeliveryBench(at: bench.directory)
        try await second.start([try bench.stream("out.write(str(m['attempt']) + '\\n'); done(m)", "second")])
        try await second.wait { $0.consumed.count == 2 }
        #expect(second.content("second") == "begun\n1\n1\n2\n1\n")
        try await second.stop()
    }

    @Test func aReloadLeavesTheProgramAndAChangeReplacesIt() async throws {
        try await withBench { bench in
            let first = try bench.stream("done(m)")
            try await bench.start([first])
            try await bench.store(["1"])
            try await bench.wait { $0.consumed == [1] }
            try await bench.apply([first])
            // How much it may have at once is nothing of the program's.
            try await bench.apply([try bench.stream("done(m)", window: 3)])
            try await bench.store(["2"])
            try await bench.wait { $0.consumed == [1, 2] }
            try await bench.apply([try bench.stream("done(m)", arguments: ["other"])])
            try await bench.store(["3"])
            try await bench.wait { $0.consumed == [1, 2, 3] }
            #expect(bench.content("out") == "begun\n1\n2\nbegun\n3\n")
            #expect(bench.sink.texts(of: .warning).isEmpty && bench.sink.texts(of: .notice).isEmpty)
        }
    }

    /// What the first had and did not answer for goes to the second.
    @Test func aChangeLosesNothing() async throws {
        try await withBench { bench in
            try await bench.start([try bench.stream("pass")])
            try await bench.store((1...10).map(String.init))
            while !bench.content("out").hasSuffix("10\n") { await Task.yield() }
            try await bench.apply([try bench.stream("done(m)", "other")])
            try await bench.store(["11"])
            try await bench.wait { $0.consumed.count == 11 }
            #expect(bench.content("other") == "begun\n" + (1...11).map { "\($0)\n" }.joined())
            #expect(try await bench.status("notify")?.deadLetters == 0)
        }
    }

    @Test func aRouteThatIsTakenOutEndsItsProgramAndCanComeBack() async throws {
        try await withBench { bench in
            try await bench.start([try bench.stream("pass", end: "out.write('end\\n')")], patience: .seconds(10))
            try await bench.store(["1"])
            while bench.content("out") != "begun\n1\n" { await Task.yield() }
            try await bench.apply([])
            while bench.content("out") != "begun\n1\nend\n" { await Task.yield() }
            try await bench.apply([try bench.stream("done(m)")])
            try await bench.wait { $0.consumed == [1] }
            try await bench.apply([try .exec("notify", "/bin/cat")])
            try await bench.store(["2"])
            try await bench.wait { $0.consumed == [1, 2] }
        }
    }

    /// A program that dies of nothing in particular is started again after waits that grow, not in a loop.
    @Test func aProgramThatEndsAtOnceIsStartedAgainAfterGrowingWaits() async throws {
        try await withBench { bench in
            let route = try bench.stream("sys.exit(1)", wait: .milliseconds(100))
            try await bench.start([route])
            try await bench.store((1...5).map(String.init))
            try await bench.wait {
                $0.delivery?.status.first.map { $0.failures > 0 && $0.targetDownFor != nil } == true
            }
            let begun = ContinuousClock.now
            try await bench.wait { _ in bench.content("out").split(separator: "\n").count { $0 == "begun" } >= 4 }
            // 100, 200 and 400 ms, less a tenth.
            #expect(ContinuousClock.now - begun > .milliseconds(500))
        }
    }

    @Test func whoEndsWithNothingToDoIsStartedForTheNextMessage() async throws {
        try await withBench { bench in
            try await bench.start([try bench.stream("done(m); sys.stdout.flush(); sys.exit(0)")])
            for count in 1...3 {
                try await bench.store([String(count)])
                try await bench.wait { $0.consumed.count == count }
                // Its end is seen before the next one is for it.
                while bench.sink.texts(of: .notice).isEmpty { await Task.yield() }
            }
            #expect(bench.content("out") == "begun\n1\nbegun\n2\nbegun\n3\n")
            #expect(
                bench.sink.texts(of: .notice).last
                    == "route notify: /usr/bin/python3 ended with status 0; it is started again for the next message")
        }
    }

    @Test(.disabled(if: ThreadSanitizer.isOn), arguments: ["/nonexistent/program", "/etc/passwd"])
    func aProgramThatCannotBeStartedIsTriedAgain(program: String) async throws {
        try await withBench { bench in
            try await bench.start([
                .stream(StreamSettings(program: program, window: 8), attempts: 2, wait: .milliseconds(20))
            ])
            try await bench.store(["x", "y"])
            try await bench.wait { $0.results.count >= 4 }
            #expect(
                try await bench.withStage { $0.results }.allSatisfy {
                    if case .unavailable(let words) = $0 { words.hasPrefix(program) } else { false }
                })
            let status = try await bench.status("notify")
            #expect(status?.deadLetters == 0 && status?.targetDownFor != nil)
        }
    }

    // MARK: - Operators

    @Test func aPauseHoldsBackAndLetsTheProgramAnswer() async throws {
        try await withBench { bench in
            try await bench.start([try bench.stream("done(m)")])
            try await bench.store(["1"])
            try await bench.wait { $0.consumed == [1] }
            _ = try await bench.ask { stage, done in stage.delivery?.suspend("notify", .untilResumed) { done($0) } }
                .get()
            try await bench.store(["2"])
            #expect(try await bench.test("t").result == .confirmed)
            #expect(try await bench.status("notify")?.state == .paused)
            _ = try await bench.ask { stage, done in stage.delivery?.suspend("notify", nil) { done($0) } }.get()
            try await bench.wait { $0.consumed == [1, 2] }
            #expect(bench.content("out") == "begun\n1\nt\n2\n")
        }
    }

    /// Two of the same id would be one to the program: the second waits for the answer for the first.
    @Test func twoOfTheSameIdAreHandedOverOneAfterAnother() async throws {
        try await withBench { bench in
            let program = """
                say({"id": m["id"], "reject": "first"}) if m["content"] == "1" else done(m)
                """
            try await bench.start([try bench.stream(program)])
            async let first = bench.test("1")
            async let second = bench.test("2")
            #expect(try await first.result == .rejected("first"))
            #expect(try await second.result == .confirmed)
        }
    }

    @Test func aStopEndsATest() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([try bench.stream("time.sleep(1000)")])
        let sample = DeliveryBench.sample("x")
        let result: AttemptResult? = try await bench.ask { stage, done in
            stage.delivery?.test("notify", sample) { done($0?.0) }
            stage.delivery?.apply([])
        }
        #expect(result == .abandoned)
        try await bench.stop()
    }
}

extension DeliveryBench {
    /// A route to a program in Python: `each` is done for each message `m`, and `end` at the end of its input. It notes its
    /// begin and the content of each message in the file `name`.
    func stream(
        _ each: String, _ name: String = "out", arguments: [String] = [], end: String = "pass", window: Int = 64,
        attempts: Int = 3, wait: Duration = .milliseconds(20), limit: Duration = .seconds(15), says: Bool = true
    ) throws -> LoadedRoute {
        let program = """
            import json, os, signal, sys, time
            base = os.path.dirname(sys.argv[1])
            out = open(sys.argv[1], "a", buffering=1)
            held = []
            def say(answer): print(json.dumps(answer), flush=True)
            def done(m): say({"id": m["id"], "done": True})
            out.write("begun\\n")
            for line in sys.stdin:
                m = json.loads(line)
                \(says ? "out.write(m['content'] + '\\n')" : "pass")
            \(each.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
            \(end)
            """
        return .stream(
            StreamSettings(
                program: "/usr/bin/python3",
                arguments: ["-c", program, directory.path + "/" + name] + arguments, timeLimit: limit, window: window),
            attempts: attempts, wait: wait)
    }

    static func sample(_ content: String) -> StoredMessage {
        StoredMessage(
            position: .start, id: "mpushd-test-1", identity: "home", user: "alice", received: MachineClock().wall,
            type: nil, content: ByteBuffer(string: content))
    }

    /// Tests the route `notify`.
    func test(_ content: String) async throws -> (result: AttemptResult?, took: Duration?) {
        let sample = DeliveryBench.sample(content)
        return try await ask { stage, done in
            stage.delivery?.test("notify", sample) { done(($0?.0, $0?.1)) }
        }
    }
}

extension LoadedRoute {
    static func stream(_ settings: StreamSettings, attempts: Int, wait: Duration) -> LoadedRoute {
        LoadedRoute(
            settings: RouteSettings(
                name: "notify", target: .stream(settings), concurrency: settings.window,
                retry: RetryPolicy(attempts: attempts, shortestWait: wait, longestWait: .seconds(1)), start: .oldest))
    }
}
