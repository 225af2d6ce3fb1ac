import MPushModel
import MPushSession
import MPushWire
import NIOCore
import Testing

/// What the server says of its own: PUSH, KICK, ERROR, heartbeats and what nobody knows.
@Suite struct SessionAnswerTests {
    @Test(
        arguments: [
            ([], .never), (.autoAck, .whenStored), (.bizAck, .whenConsumed), ([.autoAck, .bizAck], .whenStored),
            ([.crypto, .compress], .never), ([.crypto, .compress, .autoAck], .whenStored),
        ] as [(PacketFlags, ReceivedMessage.AckDemand)])
    func deliversAPushWithItsAckDemand(flags: PacketFlags, demand: ReceivedMessage.AckDemand) {
        var session = TestSession.online()
        let actions = session.receive(.push("hello"), 9, flags: flags)
        let message = ReceivedMessage(number: 9, content: ByteBuffer(string: "hello"), ackDemand: demand)
        #expect(actions == [.deliver(message, user: "alice")])
    }

    @Test(
        arguments: [
            (.never, []), (.whenStored, [.stored]), (.whenConsumed, [.consumed]),
        ] as [(ReceivedMessage.AckDemand, [MessageProgress])])
    func acknowledgesWhenItsSenderWantsIt(demand: ReceivedMessage.AckDemand, at wanted: [MessageProgress]) {
        let session = TestSession.online()
        let message = ReceivedMessage(number: 77, content: ByteBuffer(), ackDemand: demand)
        let ack = OutgoingMessage(command: .ack, sessionID: 77, body: ByteBuffer(), protection: .raw)
        for progress in [MessageProgress.stored, .consumed] {
            let expected: [SessionAction] = wanted.contains(progress) ? [.send(ack)] : []
            #expect(session.machine.messageConfirmed(message, progress) == expected)
        }
    }

    @Test func deliversAnEmptyPush() {
        var session = TestSession.online()
        let delivered = session.receive(.push(""), 1, flags: .autoAck).delivered
        #expect(delivered == [ReceivedMessage(number: 1, content: ByteBuffer(), ackDemand: .whenStored)])
    }

    @Test func deliversAPushBeforeBindIsAnswered() {
        var session = TestSession.binding()
        #expect(session.receive(.push("early"), 2).delivered.count == 1)
        #expect(session.machine.state == .binding)
    }

    @Test func aPushBeforeTheSessionIsOpenIsAgainstTheProtocol() {
        let cause = LossCause.protocolError(detail: "a PUSH before the session was opened")
        var handshaking = TestSession()
        _ = handshaking.connect()
        #expect(handshaking.receive(.push("x"), 1) == [.close(cause)])
        var resuming = TestSession(ticket: .stored())
        _ = resuming.connect()
        #expect(resuming.receive(.push("x"), 1) == [.close(cause)])
    }

    @Test func acknowledgesNothingOnceClosed() {
        var session = TestSession.online()
        _ = session.machine.closeRequested(.localStop)
        let message = ReceivedMessage(number: 1, content: ByteBuffer(), ackDemand: .whenStored)
        #expect(session.machine.messageConfirmed(message, .stored) == [])
    }

    // MARK: - KICK

    @Test(arguments: [("device", "alice"), ("", "alice"), ("device", ""), ("", "")])
    func aKickForUsEndsTheSession(deviceID: String, userID: String) {
        var session = TestSession.online()
        let kick = KickMessage(deviceID: deviceID, userID: userID)
        #expect(session.receive(.kick(kick), 0) == [.close(.kicked)])
    }

    @Test(arguments: [("other", "alice"), ("device", "bob"), ("other", "bob")])
    func aKickForOthersIsReported(deviceID: String, userID: String) {
        var session = TestSession.online()
        let kick = KickMessage(deviceID: deviceID, userID: userID)
        #expect(session.receive(.kick(kick), 0) == [.report(.kickForAnother(deviceID: deviceID, userID: userID))])
        #expect(session.machine.state == .online)
    }

    // MARK: - ERROR

    @Test func anErrorThatAnswersNothingIsReported() {
        var session = TestSession.online()
        let actions = session.receive(.error(.push, .unsupportedCommand, "what?"), 50)
        #expect(actions == [.report(.serverError(command: .push, code: .unsupportedCommand, reason: "what?"))])
        #expect(session.machine.causeOfClosing(isSecured: true) == .closedByPeer(detail: "what? (code 101)"))
    }

    @Test func onlyTheServersLastWordExplainsItsClosing() {
        var session = TestSession.online()
        _ = session.receive(.error(.push, .unsupportedCommand), 50)
        _ = session.machine.heartbeatReceived(at: session.now)
        #expect(session.machine.causeOfClosing(isSecured: true) == .closedByPeer(detail: nil))
        _ = session.receive(.error(.push, .unsupportedCommand, ""), 50)
        #expect(session.machine.causeOfClosing(isSecured: true) == .closedByPeer(detail: "no reason given (code 101)"))
        _ = session.receive(.push("x"), 51)
        #expect(session.machine.causeOfClosing(isSecured: true) == .closedByPeer(detail: nil))
    }

    @Test func namesTheStageAtWhichTheServerClosed() {
        let detail = "closed by the server before it answered"
        var session = TestSession()
        _ = session.connect()
        #expect(session.machine.causeOfClosing(isSecured: true) == .handshake(.closed(isSecured: true)))
        #expect(session.machine.causeOfClosing(isSecured: false) == .handshake(.closed(isSecured: false)))
        _ = session.receive(.error(.handshake, .none, "go away"), 99)
        #expect(
            session.machine.causeOfClosing(isSecured: true) == .handshake(.closedAfter(words: "go away (code 0)")))
        #expect(TestSession.resumedAndBinding().machine.causeOfClosing(isSecured: true) == .bind(detail: detail))
        #expect(TestSession.binding().machine.causeOfClosing(isSecured: true) == .bind(detail: detail))
        #expect(TestSession.online().machine.causeOfClosing(isSecured: true) == .closedByPeer(detail: nil))
    }

    @Test(arguments: [ReasonCode.sessionExpired, .invalidDevice])
    func anOpenSessionThatTheServerForgotIsNotResumedAgain(code: ReasonCode) {
        var session = TestSession.online()
        let report = SessionReport.serverError(command: .push, code: code, reason: "gone")
        #expect(session.receive(.error(.push, code, "gone"), 50) == [.forgetTicket, .report(report)])

        var resumed = TestSession.resumedAndBinding()
        let actions = resumed.receive(.error(.bind, code, "gone"), 2)
        #expect(actions.filter { $0 == .forgetTicket }.count == 1)
        #expect(actions.closings.count == 1)
    }

    @Test func saysOnceThatACommandIsUnknown() {
        var session = TestSession.online()
        let unknown = Command(rawValue: 99)
        #expect(session.receive(.unhandled(unknown), 0) == [.report(.unhandledCommand(unknown))])
        #expect(session.receive(.unhandled(unknown), 0) == [])
        #expect(session.receive(.unhandled(.chat), 0) == [.report(.unhandledCommand(.chat))])
    }

    // MARK: - Health

    @Test func reportsHowLongAHeartbeatTook() {
        var session = TestSession.online()
        #expect(session.advance(.seconds(179)) == [.sendHeartbeat])
        session.wait(.milliseconds(34))
        #expect(
            session.machine.bytesRead(at: session.now) + session.machine.heartbeatReceived(at: session.now) == [
                .report(.heartbeatAnswered(roundTrip: .milliseconds(34)))
            ])
        #expect(session.machine.heartbeatReceived(at: session.now) == [])
        _ = session.advance(.seconds(178))
        #expect(session.machine.messageReceived(.framedHeartbeat, flags: [], number: 0, at: session.now).count == 0)
    }

    @Test func isSuspectUntilBytesCome() {
        var session = TestSession.online()
        let missed = session.advance(.seconds(180))
        #expect(
            missed == [
                .sendHeartbeat, .report(.readMissed(silence: .seconds(180), isAsking: true)), .sendHeartbeat,
            ])
        #expect(session.machine.state == .suspect)
        #expect(session.machine.bytesRead(at: session.now) == [.report(.readRecovered)])
        #expect(session.machine.state == .online)
    }

    @Test func closesWhenTheConfirmationIsNotAnswered() {
        var session = TestSession.online()
        let cause = LossCause.missedReads(count: 2, silence: .milliseconds(181_500))
        #expect(session.advance(.seconds(1000)).last == .close(cause))
        #expect(session.machine.state == .closing)
        #expect(session.machine.nextDeadline == nil)
    }

    @Test func aRequestWithoutAnAnswerAsksWhetherTheServerIsThere() {
        var session = TestSession.online()
        let push = session.machine.pushRequested(
            .first, content: ByteBuffer(string: "x"), isAcknowledged: true, at: session.now)
        #expect(push.sentHeaders == ["PUSH 3"])
        let actions = session.advance(.seconds(30))
        #expect(actions.filter { $0 == .sendHeartbeat }.count == 2)
        guard case .missedReads(2, let silence)? = actions.closings.first else {
            Issue.record("\(actions)")
            return
        }
        // A second for the request and one for each heartbeat, and a little for the bytes.
        #expect(silence > .milliseconds(3500) && silence < .milliseconds(3700))
    }

    @Test func aServerThatIsThereMayTakeItsTimeForARequest() {
        var session = TestSession.online()
        _ = session.machine.pushRequested(
            .first, content: ByteBuffer(string: "x"), isAcknowledged: true, at: session.now)
        let asked = session.advance(.milliseconds(1100))
        #expect(asked == [.sendHeartbeat])
        #expect(session.machine.bytesRead(at: session.now) == [])
        #expect(session.machine.state == .online)
        #expect(session.advance(.seconds(10)).outcomes == [1: .timedOut(after: .seconds(10))])
    }

    @Test func asksAtOnceWhereTheWayIsAnotherOne() {
        var session = TestSession.online()
        #expect(session.machine.pathDoubted("another way", at: session.now) == [.sendHeartbeat])
        session.machine.bytesWritten(at: session.now)
        #expect(session.machine.pathDoubted("another way", at: session.now) == [])
        let cause = LossCause.networkChanged(detail: "another way, and the server does not answer")
        #expect(session.advance(.seconds(2)).closings == [cause])
    }

    @Test func aPathThatIsWholeCostsOneHeartbeat() {
        var session = TestSession.online()
        #expect(session.machine.pathDoubted("another way", at: session.now) == [.sendHeartbeat])
        session.machine.bytesWritten(at: session.now)
        session.wait(.milliseconds(50))
        #expect(session.machine.bytesRead(at: session.now) == [])
        #expect(session.advance(.seconds(100)) == [])
        // What comes later has nothing to do with it.
        #expect(session.advance(.seconds(100)).closings.map(\.code) == ["missed-reads"])
    }

    @Test func asksAfterASleepAlsoWithoutAConfirmation() {
        var session = TestSession.online { $0.health.confirmation = nil }
        #expect(session.machine.pathDoubted(nil, at: session.now) == [.sendHeartbeat])
        session.machine.bytesWritten(at: session.now)
        #expect(session.advance(.seconds(3)).closings.map(\.code) == ["missed-reads"])
    }

    @Test func aSessionThatIsNotOpenYetEndsWithItsWay() {
        var session = TestSession()
        _ = session.connect()
        #expect(session.machine.pathDoubted(nil, at: session.now) == [])
        #expect(session.machine.pathDoubted("another way", at: session.now).closings.map(\.code) == ["network-changed"])
    }

    @Test func closesAtTheSecondMissedReadWithoutAConfirmation() {
        var session = TestSession.online { $0.health.confirmation = nil }
        let actions = session.advance(.seconds(1000))
        #expect(actions.reports == [.readMissed(silence: .seconds(358), isAsking: false)])
        #expect(actions.closings == [.missedReads(count: 2, silence: .seconds(537))])
    }

    @Test func watchesTheSessionBeforeItIsBound() {
        var session = TestSession.binding { $0.bindTimeout = .seconds(10_000) }
        #expect(session.advance(.seconds(1000)).closings.map(\.code) == ["missed-reads"])
    }

    @Test func doesNotCountSilenceWhileReadingIsPaused() {
        var session = TestSession.online()
        session.machine.readingPaused(at: session.now)
        #expect(session.advance(.seconds(3600)).allSatisfy { $0 == .sendHeartbeat })
        session.machine.readingResumed(at: session.now)
        let closings = session.advance(.seconds(192)).closings
        guard case .missedReads(2, let silence)? = closings.first else {
            Issue.record("\(closings)")
            return
        }
        #expect(silence <= .seconds(192))
    }
}
