import MPushModel
import MPushSession
import MPushWire
import NIOCore
import Testing

/// What becomes of a user that is wished, where the connection closes or an answer is late, is missing or refuses.
@Suite struct UserBindingEndTests {
    private static let bob = SessionIdentity(userID: "bob", tags: [], credential: SecretBytes([]))
    private static let longTags = (0..<64).map { String(repeating: "x", count: 60) + "\($0)" }

    /// Bob is bound for an operator: the next request has the number 4.
    private static func boundAsBob() -> TestSession {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", tags: [], at: session.now)
        _ = session.receive(.ok(.bind), 3)
        return session
    }

    /// Alice was given up, and the server did not say so in time: the next request has the number 4.
    private static func inDoubt() -> TestSession {
        var session = TestSession.online()
        _ = session.machine.unbindRequested(.first, at: session.now)
        _ = session.advance(.seconds(10))
        return session
    }

    /// The next session, with its handshake answered, and what it sends then.
    private static func next(
        after session: TestSession, maximumSend: Int = 10_240
    ) -> (machine: SessionStateMachine, actions: [SessionAction]) {
        var settings = TestSession.settings
        settings.maximumSend = maximumSend
        var machine = SessionStateMachine(
            settings: settings, carryover: session.machine.carryover, endpoint: nil, ticket: nil,
            secrets: TestSession.keys)
        let number = machine.carryover.nextRequestNumber
        _ = machine.connected(at: session.now, wallTime: TestSession.today)
        let actions = machine.messageReceived(.handshake(.good), flags: [], number: number, at: session.now)
        return (machine, actions)
    }

    /// The next connections of `session`, each of which ends for `cause` over its BIND; what the last one says of that.
    private static func endOverBind(
        _ session: inout TestSession, _ cause: LossCause, times: Int
    ) -> [SessionAction] {
        var actions: [SessionAction] = []
        for _ in 0..<times {
            session.machine = next(after: session).machine
            actions = session.machine.connectionClosed(cause)
        }
        return actions
    }

    private static func sentUser(_ actions: [SessionAction]) throws -> String {
        try BindRequest(decoding: try #require(actions.sent.first).body, of: .bind).userID
    }

    // MARK: - A close

    @Test func nobodyIsBoundFromTheCloseOn() {
        var session = TestSession.online()
        let kick = ServerMessage.kick(KickMessage(deviceID: "device", userID: "alice"))
        #expect(session.receive(kick, 0) == [.close(.kicked)])
        #expect(session.machine.binding.bound == nil)
        #expect(session.machine.bindRequested(.first, at: session.now) == [.complete(.first, .deferred)])
    }

    @Test func whoWaitsIsAnsweredAtTheClose() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", at: session.now)
        #expect(
            session.machine.closeRequested(.operatorRequest) == [
                .complete(.first, .deferred), .close(.operatorRequest),
            ])
        #expect(session.machine.connectionClosed(.operatorRequest) == [])
    }

    /// The server closes after that error: what it did not answer in between says nothing of the user.
    @Test func noBindIsSentToAServerThatStumbledOverAnUnbind() {
        var session = Self.inDoubt()
        _ = session.machine.unbindRequested(.second, at: session.now)
        _ = session.machine.bindRequested(.third, user: "bob", at: session.now)
        let actions = session.receive(.error(.unbind, .dispatchError), 4)
        let cause = LossCause.closedByPeer(detail: "no (code 100)")
        #expect(
            actions == [
                .report(.unbound), .complete(.second, .done), .complete(.third, .deferred), .close(cause),
            ])
        #expect(session.machine.connectionClosed(cause) == [])
        #expect(session.machine.binding.wished?.userID == "bob")
    }

    // MARK: - The limit of what is sent

    @Test func aUserThatIsTooLongForTheNextConnectionIsNotWishedAnyMore() throws {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", tags: Self.longTags, at: session.now)
        _ = session.receive(.ok(.bind), 3)
        _ = session.machine.connectionClosed(.reset(detail: "gone"))
        let (machine, actions) = Self.next(after: session, maximumSend: 1024)
        #expect(actions.closings.map(\.code) == ["bind"])
        guard case .userDropped("bob", _, "alice")? = actions.reports.first else {
            Issue.record("\(actions)")
            return
        }
        session.machine = machine
        _ = session.machine.connectionClosed(.bind(detail: "x"))
        #expect(try Self.sentUser(Self.next(after: session, maximumSend: 1024).actions) == "alice")
    }

    @Test func aReloadChangesTheLimitOfTheConnectionThatIsThere() {
        var session = TestSession.online { $0.maximumSend = 1024 }
        let long = SessionIdentity(userID: "alice", tags: Self.longTags, credential: SecretBytes([]))
        let actions = session.machine.configurationRead(long, maximumSend: 10_240, at: session.now)
        #expect(actions.sentHeaders == ["BIND 3"])
        _ = session.receive(.ok(.bind), 3)
        _ = session.machine.configurationRead(Self.bob, maximumSend: 1024, at: session.now)
        _ = session.receive(.ok(.bind), 4)
        guard
            case .tooLong(_, 1024)? = session.machine.tagsRequested(.first, Self.longTags, at: session.now).outcomes[1]
        else {
            Issue.record("not refused")
            return
        }
    }

    // MARK: - In doubt

    @Test func aPushWhileItIsInDoubtWhoIsBoundIsNobodys() {
        var session = Self.inDoubt()
        #expect(session.receive(.push("x"), 1).recipients == ["alice"])
        _ = session.machine.bindRequested(.third, user: "bob", at: session.now)
        // Where nobody was bound there is one OK only, and a push may come before it.
        #expect(session.receive(.push("x"), 1).recipients == [nil])
        _ = session.receive(.ok(.bind), 4)
        #expect(session.receive(.push("x"), 1).recipients == ["bob"])
    }

    @Test func anUnbindThatIsAnsweredLateIsDoneAllTheSame() {
        var session = Self.inDoubt()
        #expect(session.machine.state == .online)
        #expect(session.receive(.ok(.unbind), 3) == [.report(.unbound)])
        #expect(session.machine.state == .unbound)
        #expect(session.receive(.ok(.unbind), 3) == [])
        var other = Self.inDoubt()
        _ = other.machine.bindRequested(.third, at: other.now)
        _ = other.receive(.ok(.bind), 4)
        #expect(other.receive(.ok(.unbind), 3) == [])
        #expect(other.machine.state == .online)
    }

    /// The second finds nobody bound: its answer is awaited before another BIND is sent, because the server closes at it.
    @Test func aLateAnswerUnderASecondUnbindSaysTheSame() {
        var session = Self.inDoubt()
        #expect(session.machine.unbindRequested(.second, at: session.now).sentHeaders == ["UNBIND 4"])
        #expect(session.receive(.ok(.unbind), 3) == [.report(.unbound), .complete(.second, .done)])
        #expect(session.machine.state == .unbound)
        #expect(session.machine.bindRequested(.third, user: "bob", at: session.now) == [])
        let actions = session.receive(.error(.unbind, .dispatchError), 4)
        #expect(actions.outcomes == [3: .deferred] && actions.closings.map(\.code) == ["closed-by-peer"])
        var other = Self.inDoubt()
        _ = other.machine.unbindRequested(.second, at: other.now)
        #expect(other.advance(.seconds(10)).outcomes.count == 1)
        #expect(other.machine.state == .online)
        #expect(other.receive(.ok(.unbind), 3) == [.report(.unbound)])
        #expect(other.machine.state == .unbound)
    }

    // MARK: - A user that was bound before

    @Test func tagsThatAreNeverAnsweredAreGivenUpAndNotTheUser() throws {
        var session = Self.boundAsBob()
        _ = session.machine.tagsRequested(.second, ["t"], at: session.now)
        let actions = session.advance(.seconds(20))
        #expect(actions.outcomes == [2: .deferred])
        #expect(actions.closings.map(\.code) == ["bind"] && actions.reports.isEmpty)
        #expect(session.machine.binding.wished?.tags == ["t"])
        let cause = LossCause.reset(detail: "gone")
        #expect(Self.endOverBind(&session, cause, times: 1) == [])
        #expect(
            Self.endOverBind(&session, cause, times: 1) == [
                .report(.userDropped("bob", reason: cause.sentence, instead: "bob"))
            ])
        #expect(session.machine.binding.wished == Self.bob)
        #expect(Self.endOverBind(&session, cause, times: 5) == [])
        #expect(session.machine.binding.wished == Self.bob)
    }

    @Test func anUnbindThatIsRefusedLeavesTheUserProven() {
        var session = Self.boundAsBob()
        _ = session.machine.unbindRequested(.second, at: session.now)
        _ = session.receive(.error(.unbind, .unknown), 4)
        _ = session.machine.connectionClosed(.reset(detail: "gone"))
        var next = Self.next(after: session).machine
        let cause = next.causeOfClosing(isSecured: true)
        #expect(cause.code == "bind")
        #expect(next.connectionClosed(cause) == [])
        #expect(next.binding.wished == Self.bob)
    }

    @Test func aReloadEndsWhatWasProven() {
        var session = Self.boundAsBob()
        _ = session.machine.configurationRead(TestSession.identity, at: session.now)
        _ = session.receive(.ok(.bind), 4)
        _ = session.machine.bindRequested(.second, user: "bob", tags: [], at: session.now)
        #expect(session.advance(.seconds(20)).outcomes == [2: .deferred])
        #expect(Self.endOverBind(&session, .reset(detail: "gone"), times: 2).reports.count == 1)
        #expect(session.machine.binding.wished == TestSession.identity)
    }

    // MARK: - A user that was never bound

    /// Whatever a server, or what stands before it, does in place of an answer: one end, or two, may be a restart.
    @Test(arguments: [
        LossCause.closedByPeer(detail: nil), .bind(detail: "x"), .reset(detail: "x"), .tls(.other(detail: "x")),
        .protocolError(detail: "x"), .missedReads(count: 2, silence: .seconds(191)), .ownFault(detail: "x"),
    ])
    func isGivenUpAtTheThirdEnd(cause: LossCause) {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", tags: [], at: session.now)
        #expect(session.machine.connectionClosed(cause) == [.complete(.first, .deferred)])
        #expect(Self.endOverBind(&session, cause, times: 1) == [])
        #expect(session.machine.binding.wished == Self.bob)
        session.machine = Self.next(after: session).machine
        // Who asks for the same again begins no new count.
        #expect(session.machine.bindRequested(.second, user: "bob", tags: [], at: session.now) == [])
        #expect(
            session.machine.connectionClosed(cause) == [
                .report(.userDropped("bob", reason: cause.sentence, instead: "alice")),
                .complete(.second, .connectionLost(cause)),
            ])
        #expect(session.machine.binding.wished == TestSession.identity)
        #expect(Self.endOverBind(&session, cause, times: 5) == [])
    }

    @Test func isGivenUpByAnEndOfOursAsWell() {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", tags: [], at: session.now)
        var actions = session.advance(.seconds(20))
        for _ in 0..<2 {
            #expect(actions.reports.isEmpty && actions.closings.map(\.code) == ["bind"])
            session.machine = Self.next(after: session).machine
            actions = session.advance(.seconds(20))
        }
        let reason = "bind: no answer to BIND within 10 s at any try"
        #expect(actions.reports == [.userDropped("bob", reason: reason, instead: "alice")])
        #expect(actions.closings.map(\.code) == ["bind"])
    }

    @Test(arguments: [LossCause.operatorRequest, .reconfigured, .paused, .localStop, .kicked])
    func isNotGivenUpForAnEndThatSaysNothingOfIt(cause: LossCause) {
        var session = TestSession.online()
        _ = session.machine.bindRequested(.first, user: "bob", tags: [], at: session.now)
        _ = session.machine.connectionClosed(cause)
        #expect(Self.endOverBind(&session, cause, times: 10) == [])
        #expect(session.machine.binding.wished == Self.bob)
    }

    @Test func theEndsBeforeAnAnswerOrAnotherWishDoNotCount() {
        let cause = LossCause.reset(detail: "gone")
        var session = TestSession.online()
        for user in ["bob", "carol", "bob", "dave"] {
            _ = session.machine.bindRequested(.first, user: user, tags: [], at: session.now)
            #expect(Self.endOverBind(&session, cause, times: 2) == [])
        }
        session.machine = Self.next(after: session).machine
        let number = session.machine.carryover.nextRequestNumber - 1
        _ = session.receive(.ok(.bind), number)
        #expect(session.machine.binding.bound?.userID == "dave")
        #expect(Self.endOverBind(&session, cause, times: 10) == [])
        #expect(session.machine.binding.wished?.userID == "dave")
    }
}
