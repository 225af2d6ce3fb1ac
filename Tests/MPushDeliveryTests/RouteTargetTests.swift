import Foundation
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import NIOCore
import Testing

@testable import MPushDelivery

/// A target's life: made once, told of each reload, and stopped.
@Suite(.timeLimit(.minutes(1))) struct RouteTargetTests {
    private func route(_ target: RouteSettings.Target, concurrency: Int = 1) -> LoadedRoute {
        LoadedRoute(
            settings: RouteSettings(name: "r", target: target, concurrency: concurrency, start: .oldest))
    }

    private func exec(_ program: String, limit: Duration = .seconds(30)) -> RouteSettings.Target {
        .exec(ExecSettings(program: program, arguments: [], timeLimit: limit))
    }

    private func target(_ bench: DeliveryBench) async throws -> ObjectIdentifier? {
        try await bench.withStage { stage in stage.delivery?.routes.first.map { ObjectIdentifier($0.target) } }
    }

    /// What a target keeps (a queue, a connection) outlives a reload, whatever else is changed in the file.
    @Test func aReloadLeavesTheTargetThatThereIs() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let url = try HTTPURL(parsing: "http://127.0.0.1:9/")
        let kinds: [[RouteSettings.Target]] = [
            [exec("/bin/true"), exec("/bin/true"), exec("/bin/false", limit: .seconds(1))],
            [
                .file(FileTargetSettings(directory: "/nonexistent/a")),
                .file(FileTargetSettings(directory: "/nonexistent/b")),
            ],
            [.webhook(WebhookSettings(url: url)), .webhook(WebhookSettings(url: url, timeLimit: .seconds(1)))],
        ]
        try await bench.start([])
        var before: ObjectIdentifier?
        for targets in kinds {
            try await bench.apply([route(targets[0])])
            let made = try await target(bench)
            #expect(made != before)
            before = made
            for target in targets {
                try await bench.apply([route(target, concurrency: 2)])
                #expect(try await self.target(bench) == made)
                #expect(try await bench.status("r")?.kind == target.kind)
            }
        }
        try await bench.stop()
    }

    /// A program that runs is not disturbed, and the next one is that of the new settings.
    @Test func whatIsUnderWayAtAReloadGoesOn() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let out = bench.directory.path + "/out"
        let first = try bench.script(
            "echo begun >>\(out); while ! test -e \(bench.directory.path)/go; do sleep 0.01; done; echo first >>\(out)",
            "first.sh")
        let second = try bench.script("echo second >>\(out)", "second.sh")
        try await bench.start([try .exec("r", "/bin/sh", [first])])
        try await bench.store(["1", "2"])
        while bench.content("out") != "begun\n" { await Task.yield() }
        try await bench.apply([try .exec("r", "/bin/sh", [first])])
        try await bench.apply([try .exec("r", "/bin/sh", [second])])
        #expect(try await bench.status("r")?.running == 1)
        _ = try bench.script("", "go")
        try await bench.wait { $0.consumed == [1, 2] }
        #expect(bench.content("out") == "begun\nfirst\nsecond\n")
        try await bench.stop()
    }

    @Test func aTargetOfAnotherKindTakesItsPlace() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([route(exec("/bin/true"))])
        try await bench.store(["1"])
        try await bench.wait { $0.consumed == [1] }
        try await bench.apply([route(.file(FileTargetSettings(directory: bench.directory.path + "/mail")))])
        try await bench.store(["2"])
        try await bench.wait { $0.consumed == [1, 2] }
        #expect(try await bench.status("r")?.kind == "file")
        try await bench.stop()
    }

    @Test func aReasonHasABound() {
        let long = String(repeating: "x", count: 70_000)
        for result in [
            AttemptResult.failed(long, retryAfter: nil), .rejected(long), .postponed(long), .unavailable(long),
        ] {
            switch result.bounded {
            case .failed(let reason, _), .rejected(let reason), .postponed(let reason), .unavailable(let reason):
                #expect(reason.utf8.count == AttemptResult.longestReason)
            case .confirmed, .abandoned: Issue.record("\(result.word)")
            }
        }
    }

    @Test func aWebhookThatCannotBeAskedForWantOfOurOwnResourcesIsNoAttempt() {
        #expect(
            AttemptResult(HTTPFailure(.shortage(detail: "too many open files")), from: "u")
                == .postponed("u: shortage on this machine: too many open files"))
        #expect(AttemptResult(HTTPFailure("refused"), from: "u") == .unavailable("u: refused"))
        #expect(
            AttemptResult(HTTPFailure("it closed", isReached: true), from: "u")
                == .failed("u: it closed", retryAfter: nil))
    }

    @Test func aBroadcastToTwoIdentitiesHasTwoKeys() {
        let keys = ["home", "desk"].map { identity in
            WebhookRequest.key(
                of: StoredMessage(
                    position: MessagePosition(rawValue: 1), id: "m:1", identity: identity, user: "alice",
                    received: WallTime(millisecondsSince1970: 0), type: nil, content: ByteBuffer()))
        }
        #expect(keys == ["home:1:m:1", "desk:1:m:1"])
    }

    /// What is read as JSON is announced as that.
    @Test(
        arguments: [
            ([0xEF, 0xBB, 0xBF, 0x7B, 0x7D], "application/json"), ([0x7B, 0x7D, 0], "application/json"),
            ([0x7B, 0x7D], "application/json"), ([0x7B], "text/plain; charset=utf-8"),
            ([0], "application/octet-stream"),
        ] as [([UInt8], String)])
    func theTypeIsThatOfTheDocument(content: [UInt8], type: String) {
        #expect(WebhookRequest.type(of: ByteBuffer(bytes: content)) == type)
    }
}

/// The one recorder of routes and followers.
@Suite(.timeLimit(.minutes(1))) struct ChangeRecorderTests {
    private static let change = ConsumerChange.consumed(MessagePosition(rawValue: 1))

    /// An inbox that fails is asked once for now, however much is confirmed meanwhile; and who confirms is told at once.
    @Test func whatCannotBeRecordedIsTriedAgainLater() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([])
        let answers: [InboxFailure.Kind?] = try await bench.ask { stage, done in
            stage.inbox.close {
                let recorder = ChangeRecorder(
                    of: .follower("app"), in: stage.inbox, timer: stage.timer, onRecorded: { _ in })
                var answers: [InboxFailure.Kind?] = []
                for _ in 0..<ChangeRecorder.mostWaiting {
                    recorder.record([Self.change]) { answers.append($0?.kind) }
                }
                let before = recorder.refusal?.kind
                recorder.record([Self.change]) { answers.append($0?.kind) }
                answers += [before, recorder.refusal?.kind]
                recorder.cancel()
                done(answers)
            }
        }
        #expect(answers.dropLast(2).allSatisfy { $0 == .busy } && answers.count == ChangeRecorder.mostWaiting + 3)
        #expect(answers.suffix(2) == [nil, .busy])
        try await bench.stop()
    }

    /// The inbox began anew: its positions are other messages', which nobody has confirmed.
    @Test func whatWasBeingWrittenForAnInboxThatIsGoneConfirmsNothing() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([])
        let recorded: Bool = try await bench.ask { stage, done in
            var hasRecorded = false
            let recorder = ChangeRecorder(
                of: .route("gone"), in: stage.inbox, timer: stage.timer, onRecorded: { _ in hasRecorded = true })
            recorder.record([Self.change])
            recorder.cancel()
            // The inbox answers in the order of the questions.
            stage.inbox.consumers { _ in done(hasRecorded) }
        }
        #expect(!recorded)
        try await bench.stop()
    }
}
