import MPushModel
import MPushSession
import MPushWire
import NIOCore
import Testing

/// What is wished of the user and what the server has confirmed: two things, side by side.
@Suite struct UserBindingTests {
    private static let bob = SessionIdentity(userID: "bob", tags: [], credential: SecretBytes([]))
    private static let carol = SessionIdentity(userID: "carol", tags: ["x"], credential: SecretBytes([1]))

    private static let unbound = ServerMessage.ok(OkAnswer(command: .bind, code: .none, data: "unbind success"))
    private static let bound = ServerMessage.ok(OkAnswer(command: .bind, code: .none, data: "bind success"))
    private static let kick = ServerMessage.kick(KickMessage(deviceID: "device", userID: "alice"))

    private func sentUser(_ actions: [SessionAction]) throws -> String {
        try BindRequest(decoding: try #require(actions.sent.first).body, of: .bind).userID
    }

    // MARK: - Another user

    @Test func bindingAnotherUserIsDoneAtTheSecondOfTwoOKs() {
        var session = TestSession.online()
        #expect(session.machine.bindRequested(.first, user: "bob", tags: [], at: session.now).sentHeaders == ["BIND 3"])
        #expect(session.receive(Self.unbound, 3) == [])
        #expect(session.machine.binding.confirmed == .nobody)
        #expect(session.machine.state == .binding)
        #expect(
            session.receive(Self.bound, 3) == [.report(.rebound(userID: "bob", tags: [])), .complete(.first, .done)])
        #expect(session.machine.binding.confirmed == .bound(Self.bob))
        #expect(session.receive(Self.bound, 3) == [])
    }

    @Test func anOKThatNamesUnbindIsNoAnswerToABindEither() {
        var session = TestSession.online()
        _ = session.machine.configurationRead(Self.bob, at: session.now)
        #expect(session.receive(.ok(.unbind), 3) == [])
        #expect(session.receive(.ok(.bind), 3) == [.report(.rebound(userID: "bob", tags: []))])
    }

    @Test func aPushIsForWhomTheServerHadBoundWhenItCame() {
        var session = TestSession.binding()
        #expect(session.receive(.push("early"), 1).recipients == ["alice"])
        _ = session.receive(Self.bound, 2)
        _ = session.machine.configurationRead(Self.bob, at: session.now)
        #expect(session.machine.binding.wished == Self.bob)
        #expect(session.receive(.push("x"), 1).recipients == ["alice"])
        _ = session.receive(Self.unbound, 3)
        // Alice's may still be on its way, and Bob's may be there already: neither must get the other's.
        #expect(session.receive(.push("x"), 2).recipients == [nil])
        _ = session.receive(Self.bound, 3)
        #expect(session.receive(.push("x"), 3).recipients == ["bob"])
        _ = session.machine.unbindRequested(.first, at: session.now)
        _ = session.receive(.ok(.unbind), 4)
        #expect(session.receive(.push("x"), 4).recipients == ["bob"])
        #expect(TestSession.unbound().machine.binding.recipient == nil)
    }

    @Test func aBindWhileOneIsUnderWayFollowsIt() throws {
        var session = TestSession.binding()
        #expect(session.machine.bindRequested(.first, user: "bob", at: session.now) == [])
        #expect(session.receive(.push("x"), 1).recipients == ["alice"])
        let actions = session.receive(Self.bound, 2)
        #expect(actions.reports.count == 1)
        #expect(session.machine.binding.confirmed == .bound(TestSession.identity))
        #expect(try sentUser(actions) == "bob")
        #expect(session.receive(Self.unbound, 3) == [])
        #expect(session.receive(Self.bound, 3).outcomes == [1: .done])
        // And again: done without a word.
        #expect(session.machine.bindRequested(.second, user: "bob", at: session.now) == [.complete(.second, .done)])
    }

    @Test func ofSeveralWishesTheLastIsSentAndTheOthersAreToldSo() throws {
        var session = TestSession.binding()
        _ = session.machine.bindRequested(.first, user: "bob", at: session.now)
        #expect(
            session.machine.bindRequested(.second, user: "carol", at: session.now) == [.complete(.first, .superseded)])
        let actions = session.receive(Self.bound, 2)
        #expect(try sentUser(actions) == "carol")
        #expect(session.receive(Self.bound, 3).outcomes == [2: .done])
        #expect(session.advance(.seconds(60)).sent.isEmpty)
    }

    @Test func aReloadThatIsTakenBackIsUndone() {
        var session = TestSession.online()
        _ = session.machine.configurationRead(Self.carol, at: session.now)
        _ = session.machine.configurationRead(TestSession.identity, at: session.now)
        #expect(session.receive(Self.bound, 3).sentHeaders == ["BIND 4"])
        #expect(session.receive(Self.bound, 4).reports == [.rebound(userID: "alice", tags: ["a", "b"])])
        #expect(session.machine.configurationRead(TestSession.identity, at: session.now) == [])
    }

    // MARK: - What is wished

    @Test func whatIsNotSaidIsTheConfigurations() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", tags: ["q"], at: session.now)
        _ = session.receive(Self.bound, 3)
        _ = session.machine.bindRequested(.first, user: "carol", at: session.now)
        #expect(session.machine.binding.wished?.tags == ["a", "b"])
        _ = session.receive(Self.bound, 4)
        _ = session.machine.bindRequested(.second, at: session.now)
        #expect(session.machine.binding.wished == TestSession.identity)
        #expect(session.machine.binding.override == nil)
    }

    @Test func tagsAreForTheUserThatIsWished() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", at: session.now)
        _ = session.receive(Self.bound, 3)
        #expect(session.machine.tagsRequested(.second, ["t"], at: session.now).sentHeaders == ["BIND 4"])
        #expect(session.machine.binding.wished?.userID == "bob")
        #expect(session.receive(Self.bound, 4).outcomes == [2: .done])
        var unbound = TestSession.unbound()
        #expect(unbound.machine.tagsRequested(.first, ["t"], at: unbound.now) == [.complete(.first, .nobodyBound)])
        #expect(unbound.machine.binding.wished == nil)
    }

    @Test func aReloadEndsWhatAnOperatorBoundAndNotAnUnbind() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", at: session.now)
        _ = session.receive(Self.bound, 3)
        #expect(session.machine.configurationRead(TestSession.identity, at: session.now).sentHeaders == ["BIND 4"])
        _ = session.receive(Self.bound, 4)
        _ = session.machine.unbindRequested(.second, at: session.now)
        _ = session.receive(.ok(.unbind), 5)
        #expect(session.machine.configurationRead(Self.bob, at: session.now) == [])
        #expect(session.machine.binding.wished == nil)
        // The tags of a reload are not taken for what is bound.
        #expect(session.machine.binding.bound == nil)
    }

    @Test func aBindThatTheServerCouldNotTakeIsNotWished() {
        var session = TestSession.online()
        let tags = (0..<64).map { String(repeating: "x", count: 60) + "\($0)" }
        var settings = TestSession.online { $0.maximumSend = 1024 }
        let actions = settings.machine.bindRequested(.first, tags: tags, at: settings.now)
        guard case .tooLong(_, 1024)? = actions.outcomes[1] else {
            Issue.record("\(actions)")
            return
        }
        #expect(settings.machine.binding.wished == TestSession.identity)
        #expect(session.machine.bindRequested(.first, tags: tags, at: session.now).sent.count == 1)
    }

    @Test func noMoreCallersWaitThanAreKept() {
        var session = TestSession.binding()
        var outcomes: [RequestOutcome] = []
        for number in 0..<200 {
            let token = RequestToken(rawValue: UInt64(number))
            outcomes += session.machine.bindRequested(token, user: "bob", at: session.now).outcomes.values
        }
        #expect(outcomes.allSatisfy { $0 == .tooMany } && outcomes.count == 200 - 64)
    }

    // MARK: - Refused

    @Test func anOperatorsUserThatIsRefusedIsNotWishedAnyMore() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "mallory", at: session.now)
        _ = session.receive(Self.unbound, 3)
        let actions = session.receive(.error(.bind, .none, "not allowed"), 3)
        #expect(
            actions == [
                .report(.userDropped("mallory", reason: "not allowed (code 0)", instead: "alice")),
                .complete(.first, .refused(code: .none, reason: "not allowed")),
                .close(.bind(detail: "the server refused: not allowed (code 0)")),
            ])
        #expect(session.machine.binding.wished == TestSession.identity)
        #expect(session.machine.binding.bound == nil)
        #expect(session.machine.connectionClosed(.bind(detail: "x")) == [])
    }

    /// As a server does that says OK to the UNBIND in words that we do not know.
    @Test func aRefusalAfterAnOKIsOneAllTheSame() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "mallory", at: session.now)
        #expect(session.receive(.ok(.bind), 3).outcomes == [1: .done])
        let actions = session.receive(.error(.bind, .none, "no"), 3)
        #expect(actions.closings.count == 1)
        #expect(session.machine.binding.wished == TestSession.identity)
        #expect(session.machine.binding.bound == nil)
    }

    @Test func aConfiguredUserThatIsRefusedStaysWished() {
        var session = TestSession.online()
        _ = session.machine.configurationRead(Self.bob, at: session.now)
        let actions = session.receive(.error(.bind, .none, "no"), 3)
        #expect(actions == [.close(.bind(detail: "the server refused: no (code 0)"))])
        #expect(session.machine.binding.wished == Self.bob)
    }

    @Test func anOperatorsUserThatIsNotAnsweredIsTriedOverTheNextConnection() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "mallory", at: session.now)
        let actions = session.advance(.seconds(20))
        #expect(actions.outcomes == [1: .deferred])
        #expect(actions.closings.map(\.code) == ["bind"])
        #expect(session.machine.binding.wished?.userID == "mallory")
    }

    @Test func aLostConnectionSaysNothingOfTheUser() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", tags: [], at: session.now)
        #expect(session.machine.connectionClosed(.reset(detail: "gone")) == [.complete(.first, .deferred)])
        #expect(session.machine.binding.wished == Self.bob)
        #expect(session.machine.binding.confirmed == .nobody)
    }

    // MARK: - Without a connection

    @Test func whatCannotBeSentHoldsFromTheNextConnectionOn() throws {
        var carryover = SessionCarryover(binding: UserBinding(configured: TestSession.identity))
        #expect(
            carryover.binding.bindRequested(.first, user: "bob", tags: nil, maximumSend: 10_240) == [
                RequestCompletion(.first, .deferred)
            ])
        var next = SessionStateMachine(
            settings: TestSession.settings, carryover: carryover, endpoint: nil, ticket: nil, secrets: TestSession.keys)
        _ = next.connected(at: TestSession.start, wallTime: TestSession.today)
        let actions = next.messageReceived(.handshake(.good), flags: [], number: 1, at: TestSession.start)
        #expect(try sentUser(actions) == "bob")
        #expect(carryover.binding.unbindRequested(.second) == [RequestCompletion(.second, .deferred)])
        #expect(carryover.binding.wished == nil)
        #expect(carryover.binding.tagsRequested(.first, [], maximumSend: 99).map(\.outcome) == [.nobodyBound])
    }

    // MARK: - UNBIND and BIND

    @Test func unbindNamesTheUserOnlyAndGivesItUp() throws {
        var session = TestSession.online()
        let actions = session.machine.unbindRequested(.first, at: session.now)
        let body = try #require(actions.sent.first).body
        #expect(
            try BindRequest(decoding: body, of: .unbind)
                == BindRequest(userID: "alice", data: SecretBytes([]), tags: ""))
        #expect(session.machine.state == .online)
        #expect(session.receive(.ok(.unbind), 3) == [.report(.unbound), .complete(.first, .done)])
        #expect(session.machine.unbindRequested(.second, at: session.now) == [.complete(.second, .done)])
    }

    @Test func anUnbindWhileABindIsUnderWayFollowsIt() {
        var session = TestSession.online()
        _ = session.machine.tagsRequested(.first, ["t2"], at: session.now)
        #expect(session.machine.unbindRequested(.second, at: session.now) == [])
        let actions = session.receive(Self.bound, 3)
        #expect(actions.outcomes == [1: .done])
        #expect(actions.sentHeaders == ["UNBIND 4"])
        #expect(session.receive(.ok(.unbind), 4).outcomes == [2: .done])
        #expect(session.machine.binding.bound == nil)
    }

    @Test func aBindWhileAnUnbindIsUnderWayFollowsIt() {
        var session = TestSession.online()
        _ = session.machine.unbindRequested(.first, at: session.now)
        #expect(session.machine.bindRequested(.second, at: session.now) == [])
        let actions = session.receive(.ok(.unbind), 3)
        #expect(actions.outcomes == [1: .done])
        #expect(actions.sentHeaders == ["BIND 4"])
        #expect(session.receive(Self.bound, 4).outcomes == [2: .done])
    }

    @Test func anUnbindThatIsRefusedLeavesWhatWasWishedBefore() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", tags: [], at: session.now)
        _ = session.receive(Self.bound, 3)
        _ = session.machine.unbindRequested(.second, at: session.now)
        #expect(
            session.receive(.error(.unbind, .unknown), 4) == [
                .complete(.second, .refused(code: .unknown, reason: "no"))
            ])
        #expect(session.machine.binding.wished == Self.bob)
        #expect(session.machine.binding.bound == Self.bob)
    }

    // MARK: - KICK

    @Test func aKickAndAnUnbindBeforeTheEndOfTheCloseLeadToNoWait() {
        var session = TestSession.online()
        #expect(session.receive(Self.kick, 0) == [.close(.kicked)])
        #expect(!session.machine.isKickMoot)
        #expect(session.machine.unbindRequested(.first, at: session.now) == [.complete(.first, .deferred)])
        #expect(session.machine.isKickMoot)
        #expect(session.machine.connectionClosed(.kicked) == [])
        #expect(session.machine.isKickMoot)
    }

    @Test func aKickOfTheUserThatIsLeftIsOfNoMatter() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", at: session.now)
        #expect(session.receive(Self.kick, 0) == [.report(.kickAfterUnbind(userID: "alice"))])
        #expect(session.receive(Self.bound, 3).outcomes == [1: .done])
        let other = ServerMessage.kick(KickMessage(deviceID: "device", userID: "bob"))
        #expect(session.receive(other, 0) == [.close(.kicked)])
    }
}
