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

    // MARK: - A user that was bound before

    @Test func tagsThatAreNeverAnsweredAreGivenUpAndNotTheUser() throws {
        var session = Self.boundAsBob()
        _ = session.machine.tagsRequested(.second, ["t"], at: session.now)
        let actions = session.advance(.seconds(20))
        #expect(actions.outcomes == [2: .timedOut(after: .seconds(10))])
        #expect(actions.closings.map(\.code) == ["bind"] && actions.reports.isEmpty)
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
        #expect(session.advance(.seconds(20)).outcomes == [2: .timedOut(after: .seconds(10))])
        #expect(session.machine.binding.wished == TestSession.identity)
    }
}
