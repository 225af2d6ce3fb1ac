import MPushModel
import MPushWire
import NIOCore
import Testing

@testable import MPushSession

/// HANDSHAKE, FAST_CONNECT and the first BIND.
@Suite struct SessionOpeningTests {
    @Test func beginsWithAHandshakeWhereThereIsNoTicket() throws {
        var session = TestSession()
        #expect(session.machine.state == nil)
        let actions = session.connect()
        #expect(session.machine.state == .handshaking)
        #expect(actions.sentHeaders == ["HANDSHAKE 1"])
        #expect(actions.last == .useKeys(TestSession.keys.keys))
        let message = try #require(actions.sent.first)
        #expect(message.protection == .rsa)
        let request = try HandshakeRequest(decoding: message.body, of: .handshake)
        #expect(request.timestamp == TestSession.today.millisecondsSince1970)
        #expect(request.clientKey == TestSession.keys.keys.key)
        #expect(session.connect() == [])
    }

    @Test func mixesTheKeysKeepsTheTicketAndBinds() throws {
        var session = TestSession()
        _ = session.connect()
        let actions = session.receive(.handshake(.good), 1)
        let keys = try #require(TestSession.keys.keys.mixed(with: SecretBytes(repeatElement(0x55, count: 16))))
        let ticket = SessionTicket(
            sessionID: SecretBytes("fresh".utf8), keys: keys, deviceID: "device",
            client: "linux\n6.1\n1.0", expires: TestSession.today + 1000)
        #expect(actions.prefix(2) == [.useKeys(keys), .storeTicket(ticket)])
        #expect(actions.sentHeaders == ["BIND 2"])
        let bind = try BindRequest(decoding: try #require(actions.sent.first).body, of: .bind)
        #expect(bind == BindRequest(userID: "alice", data: SecretBytes([]), tags: "a,b"))
        #expect(session.machine.state == .binding)
    }

    @Test func isOnlineWhenBindIsAnswered() {
        var session = TestSession.binding()
        session.wait(.milliseconds(71))
        let report = OnlineReport(
            userID: "alice", isResumed: false, heartbeat: .seconds(180), elapsed: .milliseconds(71))
        #expect(session.receive(.ok(.bind), 2) == [.report(.online(report))])
        #expect(session.machine.state == .online)
    }

    /// The server keeps what the handshake said, above all the client's type.
    @Test(arguments: ["osName", "osVersion", "clientVersion", "deviceID"])
    func onlyAHandshakeSaysThatTheClientIsAnother(what: String) throws {
        var session = TestSession(ticket: .stored()) { settings in
            switch what {
            case "osName": settings.osName = "another"
            case "osVersion": settings.osVersion = "another"
            case "clientVersion": settings.clientVersion = "another"
            default: settings.deviceID = "another"
            }
        }
        #expect(session.connect().sentHeaders == ["HANDSHAKE 1"])
        // The settings of a reload that comes before the answer are those of the next session.
        let ticket = try #require(session.receive(.handshake(.good), 1).tickets.first)
        #expect(ticket.isUsable(for: session.machine.settings, at: TestSession.today))
        #expect(!ticket.isUsable(for: TestSession.settings, at: TestSession.today))
    }

    @Test func resumesWithATicketAndBindsWithoutRSA() throws {
        var session = TestSession(ticket: .stored(), firstRequestNumber: 40)
        let actions = session.connect()
        #expect(session.machine.state == .resuming)
        #expect(actions.first == .useKeys(SessionTicket.stored().keys))
        let message = try #require(actions.sent.first)
        #expect((message.command, message.sessionID) == (.fastConnect, 40))
        #expect(message.protection == .raw)
        let request = try FastConnectRequest(decoding: message.body, of: .fastConnect)
        #expect(request.sessionID == "stored")

        let answered = session.receive(.fastConnect(FastConnectAnswer(heartbeat: .seconds(180))), 40)
        #expect(answered.sentHeaders == ["BIND 41"])
        #expect(answered.tickets.isEmpty)
        let online = session.receive(.ok(.bind), 41)
        guard case .online(let report)? = online.reports.first else {
            Issue.record("not online")
            return
        }
        #expect(report.isResumed)
        #expect(session.machine.carryover.nextRequestNumber == 42)
    }

    @Test(arguments: [
        SessionTicket.stored(expires: TestSession.today), .stored(expires: TestSession.today + -1),
        .stored(deviceID: "another"),
    ])
    func leavesAUselessTicketAlone(ticket: SessionTicket) {
        var session = TestSession(ticket: ticket)
        #expect(session.connect().sentHeaders == ["HANDSHAKE 1"])
    }

    @Test(arguments: [SessionTicket.stored(expires: nil), .stored(expires: TestSession.today + 1)])
    func triesATicketThatMayStillBeGood(ticket: SessionTicket) {
        var session = TestSession(ticket: ticket)
        #expect(session.connect().sentHeaders == ["FAST_CONNECT 1"])
    }

    @Test(arguments: [ReasonCode.sessionExpired, .invalidDevice])
    func handshakesOnTheSameConnectionWhenTheSessionIsRefused(code: ReasonCode) {
        var session = TestSession(ticket: .stored())
        _ = session.connect()
        session.wait(.seconds(9))
        let actions = session.receive(.error(.fastConnect, code, "gone"), 1)
        #expect(actions.prefix(2) == [.forgetTicket, .report(.resumeRefused(reason: "gone"))])
        #expect(actions.sentHeaders == ["HANDSHAKE 2"])
        #expect(actions.last == .useKeys(TestSession.keys.keys))
        #expect(session.machine.nextDeadline == session.now + .seconds(10))
        #expect(session.receive(.handshake(.good), 2).sentHeaders == ["BIND 3"])
    }

    @Test func keepsTheTicketAndClosesAtAnyOtherError() {
        var session = TestSession(ticket: .stored())
        _ = session.connect()
        let actions = session.receive(.error(.fastConnect, .dispatchError, "busy"), 1)
        #expect(actions == [.close(.handshake(.refused(reason: "busy", code: 100)))])
        #expect(session.machine.carryover.vainResumptions == 1)
    }

    @Test(arguments: [
        (ReasonCode.repeatedHandshake, HandshakeFailure.refused(reason: "why", code: 102)),
        (.dispatchError, .notDecrypted(reason: "why")), (.unsupportedCommand, .noClientPort(reason: "why")),
    ])
    func closesWhenTheHandshakeIsRefused(code: ReasonCode, failure: HandshakeFailure) {
        var session = TestSession()
        _ = session.connect()
        #expect(session.receive(.error(.handshake, code, "why"), 1) == [.close(.handshake(failure))])
    }

    @Test func aGatewaysPortIsNamedWhereASessionIsResumed() {
        var session = TestSession(ticket: .stored())
        _ = session.connect()
        let actions = session.receive(.error(.fastConnect, .unsupportedCommand, "why"), 1)
        #expect(actions == [.close(.handshake(.noClientPort(reason: "why")))])
    }

    /// The wrong advice was given for the one that says nothing.
    @Test func onlyTheServersOwnWordBlamesThePublicKey() {
        let all: [HandshakeFailure] = [
            .closed(isSecured: true), .closed(isSecured: false), .closedAfter(words: "x"), .notDecrypted(reason: "x"),
            .noClientPort(reason: "x"), .refused(reason: "x", code: 1), .noAnswer(to: "HANDSHAKE", within: .seconds(1)),
        ]
        #expect(all.filter { $0.sentence.contains("public_key") } == [.notDecrypted(reason: "x")])
        #expect(HandshakeFailure.closed(isSecured: true).sentence.contains("client certificate"))
        #expect(HandshakeFailure.closed(isSecured: false).sentence.contains("for TLS"))
    }

    @Test func anErrorWithAnotherNumberIsOnlyReported() {
        var session = TestSession(ticket: .stored())
        _ = session.connect()
        let actions = session.receive(.error(.fastConnect, .sessionExpired), 7)
        #expect(
            actions == [
                .report(.serverError(command: .fastConnect, code: .sessionExpired, reason: "no"))
            ])
        #expect(session.machine.state == .resuming)
    }

    @Test(arguments: [0, 15, 17, 32])
    func closesAtAServerKeyOfAnotherLength(length: Int) {
        var session = TestSession()
        _ = session.connect()
        let answer = HandshakeAnswer.answer(serverKey: Array(repeating: 1, count: length))
        let actions = session.receive(.handshake(answer), 1)
        #expect(actions == [.close(.protocolError(detail: "a server key of \(length) bytes"))])
    }

    @Test func keepsNoTicketWithoutASessionID() {
        var session = TestSession()
        _ = session.connect()
        let actions = session.receive(.handshake(.answer(sessionID: "")), 1)
        #expect(actions.tickets.isEmpty)
        #expect(actions.sentHeaders == ["BIND 2"])
    }

    @Test(arguments: [0, -1, Int64.min])
    func anExpiryThatIsNoDateIsNone(expireTime: Int64) {
        var session = TestSession()
        _ = session.connect()
        let actions = session.receive(.handshake(.answer(expireTime: expireTime)), 1)
        #expect(actions.tickets.map(\.expires) == [nil])
    }

    @Test(
        arguments: [
            (.zero, .seconds(2)), (.seconds(-180), .seconds(2)), (.seconds(1), .seconds(2)),
            (.seconds(172_800), .seconds(86_400)), (.milliseconds(Int64(Int32.max)), .seconds(86_400)),
        ] as [(Duration, Duration)])
    func saysSoWhenTheHeartbeatIsAbsurd(asked: Duration, used: Duration) {
        var session = TestSession()
        _ = session.connect()
        let actions = session.receive(.handshake(.answer(heartbeat: asked)), 1)
        #expect(actions.reports == [.absurdHeartbeat(asked: asked, used: used)])
        _ = session.receive(.ok(.bind), 2)
        let minute = session.advance(.seconds(3))
        #expect(minute.count <= 4)
    }

    @Test func answersWithAnotherNumberOpenNothing() {
        var session = TestSession()
        _ = session.connect()
        #expect(session.receive(.handshake(.good), 2) == [])
        #expect(session.receive(.fastConnect(FastConnectAnswer(heartbeat: .seconds(180))), 1) == [])
        #expect(session.machine.state == .handshaking)
    }

    @Test func aSecondAnswerChangesNothing() {
        var session = TestSession.binding()
        #expect(session.receive(.handshake(.good), 1) == [])
        #expect(session.machine.state == .binding)
    }

    // MARK: - Timeouts

    @Test func givesUpAHandshakeWithoutAnAnswer() {
        var session = TestSession()
        _ = session.connect()
        #expect(session.advance(.milliseconds(9999)) == [])
        #expect(
            session.advance(.milliseconds(1)) == [.close(.handshake(.noAnswer(to: "HANDSHAKE", within: .seconds(10))))])
    }

    @Test func givesUpAResumeWithoutAnAnswerAndKeepsTheTicket() {
        var session = TestSession(ticket: .stored())
        _ = session.connect()
        #expect(
            session.advance(.seconds(10))
                == [.close(.handshake(.noAnswer(to: "FAST_CONNECT", within: .seconds(10))))])
    }

    @Test func sendsBindAgainWithItsNumberAndThenGivesUp() {
        var session = TestSession.binding()
        #expect(session.advance(.milliseconds(9999)) == [])
        #expect(session.advance(.milliseconds(1)).sentHeaders == ["BIND 2"])
        #expect(session.advance(.milliseconds(9999)) == [])
        let end = session.advance(.milliseconds(1))
        #expect(end == [.close(.bind(detail: "no answer to BIND within 10 s at any try"))])
    }

    @Test func bindIsAnsweredOnceHoweverOftenItWasSent() {
        var session = TestSession.binding()
        _ = session.advance(.seconds(10))
        #expect(session.receive(.ok(.bind), 2).reports.count == 1)
        #expect(session.receive(.ok(.bind), 2) == [])
        #expect(session.advance(.seconds(60)) == [])
    }

    // MARK: - A ticket that leads nowhere

    /// What one connection after the other makes of a stored session; the actions of all.
    private func resumptions(
        _ count: Int, _ carryover: inout SessionCarryover, _ course: (inout TestSession) -> [SessionAction]
    ) -> [SessionAction] {
        (0..<count).flatMap { _ in
            var session = TestSession(ticket: .stored(), carryover: carryover)
            let actions = session.connect() + course(&session)
            carryover = session.machine.carryover
            return actions
        }
    }

    private func closed(_ session: inout TestSession) -> [SessionAction] {
        session.machine.connectionClosed(session.machine.causeOfClosing(isSecured: true))
    }

    /// A front takes connections, and closes them while the server behind it is away: that says nothing of the session.
    @Test func aTicketOutlivesAFrontWithoutAServer() {
        var carryover = TestSession.carryover()
        let lost = resumptions(200, &carryover, closed)
        #expect(!lost.contains(.forgetTicket))
        #expect(
            lost.sentHeaders.prefix(3).map { $0.prefix { $0 != " " } } == ["FAST_CONNECT", "FAST_CONNECT", "HANDSHAKE"])
        // The server is back, with all its sessions: it shows that it answers, and the session goes on.
        let back = resumptions(1, &carryover) { session in
            let number = session.machine.carryover.nextRequestNumber
            return session.receive(.handshake(.good), number - 1)
                + session.receive(.fastConnect(FastConnectAnswer(heartbeat: .seconds(180))), number)
                + session.receive(.ok(.bind), number + 1)
        }
        #expect(!back.contains(.forgetTicket) && back.tickets.isEmpty)
        let online = back.reports.compactMap { if case .online(let report) = $0 { report.isResumed } else { nil } }
        #expect(online == [true] && carryover.vainResumptions == 0)
    }

    /// It may have other keys for it, or fall over it: that does not keep us out.
    @Test func aTicketIsForgottenAfterThreeTriesInVainAtAServerThatAnswers() {
        var carryover = TestSession.carryover()
        #expect(!resumptions(2, &carryover, closed).contains(.forgetTicket))
        let third = resumptions(1, &carryover) { session in
            let number = session.machine.carryover.nextRequestNumber
            return session.receive(.handshake(.good), number - 1) + closed(&session)
        }
        #expect(third.sentHeaders.map { $0.prefix { $0 != " " } } == ["HANDSHAKE", "FAST_CONNECT"])
        #expect(third.last == .forgetTicket && third.tickets.isEmpty && carryover.vainResumptions == 0)
    }

    /// Then what the handshake has made is there, on the same connection.
    @Test(arguments: [ReasonCode.sessionExpired, .invalidDevice])
    func theHandshakeThatCameFirstIsUsedWhereTheSessionIsGone(code: ReasonCode) {
        var carryover = TestSession.carryover()
        _ = resumptions(2, &carryover, closed)
        let third = resumptions(1, &carryover) { session in
            let number = session.machine.carryover.nextRequestNumber
            return session.receive(.handshake(.good), number - 1)
                + session.receive(.error(.fastConnect, code, "gone"), number)
        }
        #expect(third.contains(.forgetTicket) && third.tickets.count == 1)
        #expect(third.sentHeaders.map { $0.prefix { $0 != " " } } == ["HANDSHAKE", "FAST_CONNECT", "BIND"])
        let keys = third.compactMap { if case .useKeys(let keys) = $0 { keys } else { nil } }
        #expect(keys.last == third.tickets.first?.keys)
        #expect(carryover.vainResumptions == 0)
    }

    @Test func aSessionThatCannotBeBoundIsTriedInVain() {
        let courses: [(inout TestSession) -> [SessionAction]] = [
            { $0.receive(.error(.bind, .none, "not handshake"), 2) }, { $0.advance(.seconds(30)) },
        ]
        for course in courses {
            var session = TestSession.resumedAndBinding()
            let actions = course(&session)
            #expect(!actions.contains(.forgetTicket) && actions.closings.count == 1)
            #expect(session.machine.carryover.vainResumptions == 1)
        }
    }

    @Test(arguments: [LossCause.localStop, .paused, .operatorRequest, .reconfigured])
    func keepsTheTicketWhereWeEndedTheConnection(cause: LossCause) {
        var resuming = TestSession(ticket: .stored())
        _ = resuming.connect()
        #expect(resuming.machine.closeRequested(cause) == [.close(cause)])
        var binding = TestSession.resumedAndBinding()
        #expect(binding.machine.connectionClosed(cause) == [])
    }

    @Test func keepsTheTicketOnceTheSessionWasBound() {
        var session = TestSession.resumedAndBinding()
        _ = session.receive(.ok(.bind), 2)
        #expect(session.machine.connectionClosed(.reset(detail: "x")) == [])
        var fresh = TestSession.binding()
        #expect(fresh.machine.connectionClosed(.reset(detail: "x")) == [])
    }
}
