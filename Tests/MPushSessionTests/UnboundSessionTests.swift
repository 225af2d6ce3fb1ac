import MPushModel
import MPushSession
import MPushWire
import NIOCore
import Testing

/// A session without a user: because none was wished when it was opened, or because it was given up since.
@Suite struct UnboundSessionTests {
    private static let bob = SessionIdentity(userID: "bob", tags: [], credential: SecretBytes([]))

    /// Bound, and unbound again: the next request has the number 4.
    private static func givenUp() -> TestSession {
        var session = TestSession.online()
        _ = session.machine.unbindRequested(.first, at: session.now)
        _ = session.receive(.ok(.unbind), 3)
        return session
    }

    // MARK: - Opening

    @Test func opensWithoutABindAndSendsNoneLater() {
        var session = TestSession(isUserWished: false)
        #expect(session.connect().sentHeaders == ["HANDSHAKE 1"])
        let actions = session.receive(.handshake(.good), 1)
        #expect(actions.sent.isEmpty)
        #expect(actions.reports == [.opened(isResumed: false, heartbeat: .seconds(180))])
        #expect(session.machine.state == .unbound)
        #expect(session.machine.binding.bound?.userID == nil)
        for _ in 0..<4000 {
            let more = session.advance(.milliseconds(900))
            #expect(more.sent.isEmpty && more.closings.isEmpty)
            _ = session.machine.bytesRead(at: session.now)
        }
    }

    @Test func resumesWithoutABindAndKeepsTheTicket() {
        var session = TestSession(ticket: .stored(), isUserWished: false)
        #expect(session.connect().sentHeaders == ["FAST_CONNECT 1"])
        let actions = session.receive(.fastConnect(FastConnectAnswer(heartbeat: .seconds(180))), 1)
        #expect(actions == [.report(.opened(isResumed: true, heartbeat: .seconds(180)))])
        // It led somewhere: the loss of the connection says nothing against the stored session.
        #expect(session.machine.causeOfClosing(isSecured: true) == .closedByPeer(detail: nil))
        #expect(session.machine.connectionClosed(.closedByPeer(detail: nil)) == [])
    }

    @Test func aFallBackToTheHandshakeSendsNoBindEither() {
        var session = TestSession(ticket: .stored(), isUserWished: false)
        _ = session.connect()
        #expect(session.receive(.error(.fastConnect, .sessionExpired), 1).sentHeaders == ["HANDSHAKE 2"])
        #expect(session.receive(.handshake(.good), 2).sent.isEmpty)
        #expect(session.machine.state == .unbound)
    }

    @Test func anUnbindWhileTheSessionIsOpenedIsDoneWithoutAWord() {
        var session = TestSession()
        _ = session.connect()
        #expect(session.machine.unbindRequested(.first, at: session.now) == [.complete(.first, .done)])
        #expect(session.receive(.handshake(.good), 1).sent.isEmpty)
        #expect(session.machine.state == .unbound)
    }

    @Test func aBindWhileTheSessionIsOpenedIsSentWhenItIsOpen() throws {
        var session = TestSession(isUserWished: false)
        _ = session.connect()
        #expect(session.machine.bindRequested(.third, user: "bob", at: session.now) == [])
        let actions = session.receive(.handshake(.good), 1)
        #expect(actions.sentHeaders == ["BIND 2"])
        #expect(try BindRequest(decoding: try #require(actions.sent.first).body, of: .bind).userID == "bob")
    }

    // MARK: - Health

    @Test func theHealthCheckGoesOn() {
        var session = TestSession.unbound()
        let beats = session.advance(.seconds(179))
        #expect(beats.contains(.sendHeartbeat))
        let end = session.advance(.seconds(400))
        guard case .missedReads(2, _)? = end.closings.first else {
            Issue.record("\(end)")
            return
        }
        #expect(end.closings.count == 1)
    }

    @Test func aMissedReadIsNotTakenForABoundUser() {
        var session = TestSession.unbound()
        session.wait(.seconds(182))
        #expect(session.machine.deadlineReached(at: session.now).reports.count == 1)
        #expect(session.machine.state == .unbound)
        #expect(session.machine.health?.missedReads == 1)
    }

    // MARK: - What it can do

    @Test func requestsThatNeedNoUserAreSent() {
        var session = TestSession.unbound()
        let push = session.machine.pushRequested(
            .first, content: ByteBuffer(string: "x"), isAcknowledged: true, at: session.now)
        #expect(push.sentHeaders == ["PUSH 2"])
        #expect(session.receive(.ack, 2) == [.complete(.first, .done)])
        let http = HTTPProxyRequest(method: .get, uri: "http://a/", headers: [], body: ByteBuffer())
        #expect(session.machine.httpRequested(.first, http, at: session.now).sentHeaders == ["HTTP_PROXY 3"])
        #expect(session.machine.unbindRequested(.second, at: session.now) == [.complete(.second, .done)])
    }

    @Test func bindEndsIt() {
        var session = TestSession.unbound()
        session.wait(.seconds(100))
        #expect(session.machine.bindRequested(.third, at: session.now).sentHeaders == ["BIND 2"])
        #expect(session.machine.state == .binding)
        #expect(session.machine.bindRequested(.second, at: session.now) == [])
        #expect(
            session.receive(.ok(.bind), 2) == [
                .report(.rebound(userID: "alice", tags: ["a", "b"])), .complete(.third, .done),
                .complete(.second, .done),
            ])
        #expect(session.machine.state == .online)
        #expect(session.machine.binding.bound?.userID == "alice")
    }

    @Test func aServerThatClosesAtTheBindIsNamed() {
        var session = TestSession.unbound()
        #expect(session.machine.causeOfClosing(isSecured: true) == .closedByPeer(detail: nil))
        _ = session.machine.bindRequested(.third, at: session.now)
        #expect(
            session.machine.causeOfClosing(isSecured: true) == .bind(detail: "closed by the server before it answered"))
    }

    @Test(arguments: [false, true])
    func anotherConfigurationBindsNobody(wasBound: Bool) throws {
        var session = wasBound ? Self.givenUp() : TestSession.unbound()
        #expect(session.machine.configurationRead(Self.bob, at: session.now) == [])
        let bind = session.machine.bindRequested(.third, at: session.now)
        #expect(try BindRequest(decoding: try #require(bind.sent.first).body, of: .bind).userID == "bob")
    }

    // MARK: - KICK

    @Test(arguments: [false, true])
    func aKickOfTheUserThatWasGivenUpIsNoMatter(wasBound: Bool) {
        var session = wasBound ? Self.givenUp() : TestSession.unbound()
        let kick = ServerMessage.kick(KickMessage(deviceID: "device", userID: "alice"))
        #expect(session.receive(kick, 0) == [.report(.kickAfterUnbind(userID: "alice"))])
        #expect(session.machine.state == .unbound)
    }

    @Test func aKickThatCrossesTheUnbindIsNoMatter() {
        var session = TestSession.online()
        _ = session.machine.unbindRequested(.first, at: session.now)
        let kick = ServerMessage.kick(KickMessage(deviceID: "device", userID: "alice"))
        #expect(session.receive(kick, 0) == [.report(.kickAfterUnbind(userID: "alice"))])
        #expect(session.receive(.ok(.unbind), 3) == [.report(.unbound), .complete(.first, .done)])
        #expect(session.machine.state == .unbound)
    }

    @Test func aKickAfterABindCountsAgain() {
        var session = TestSession.unbound()
        _ = session.machine.bindRequested(.third, at: session.now)
        _ = session.receive(.ok(.bind), 2)
        let kick = ServerMessage.kick(KickMessage(deviceID: "device", userID: "alice"))
        #expect(session.receive(kick, 0) == [.close(.kicked)])
    }

    // MARK: - What is wished after an UNBIND

    @Test func anUnbindThatIsRefusedLeavesTheUser() {
        var session = TestSession.online()
        _ = session.machine.unbindRequested(.first, at: session.now)
        #expect(session.machine.binding.wished == nil)
        #expect(
            session.receive(.error(.unbind, .unknown), 3) == [
                .complete(.first, .refused(code: .unknown, reason: "no"))
            ])
        #expect(session.machine.binding.wished != nil)
        #expect(session.machine.state == .online)
        #expect(session.machine.binding.bound?.userID == "alice")
    }

    /// What the server says where nobody is bound, before it closes.
    @Test func aServerThatStumblesOverAnUnbindHasNobodyBound() {
        var session = TestSession.online()
        _ = session.machine.unbindRequested(.first, at: session.now)
        #expect(
            session.receive(.error(.unbind, .dispatchError), 3) == [
                .report(.unbound), .complete(.first, .done), .close(.closedByPeer(detail: "no (code 100)")),
            ])
        #expect(session.machine.binding.wished == nil)
        #expect(session.machine.binding.bound?.userID == nil)
    }

    @Test func anUnbindWithoutAnAnswerIsStillWished() {
        var session = TestSession.online()
        _ = session.machine.unbindRequested(.first, at: session.now)
        #expect(session.advance(.seconds(10)).contains(.complete(.first, .timedOut(after: .seconds(10)))))
        #expect(session.machine.binding.wished == nil)
        #expect(session.machine.binding.bound?.userID == "alice")
    }

    /// Whether the server has unbound is not known, so a BIND is sent for whoever is wished next, the same user too.
    @Test func aBindAfterAnUnbindWithoutAnAnswerIsSent() {
        var session = TestSession.online()
        _ = session.machine.unbindRequested(.first, at: session.now)
        _ = session.advance(.seconds(10))
        let actions = session.machine.bindRequested(.third, at: session.now)
        #expect(actions.contains { if case .send(let message) = $0 { message.command == .bind } else { false } })
    }

    @Test func theWishOfAnUnbindOutlivesTheConnection() {
        var session = Self.givenUp()
        _ = session.machine.connectionClosed(.reset(detail: "gone"))
        #expect(session.machine.carryover.binding.wished == nil)
    }

    @Test func anUnbindWithoutAnAnswerIsSentAgainWhereItIsAskedForAgain() {
        var session = TestSession.online()
        _ = session.machine.unbindRequested(.first, at: session.now)
        _ = session.advance(.seconds(10))
        #expect(session.machine.unbindRequested(.second, at: session.now).sentHeaders == ["UNBIND 4"])
        #expect(session.receive(.ok(.unbind), 4).outcomes == [2: .done])
    }
}
