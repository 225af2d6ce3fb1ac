import MPushModel
import MPushSession
import MPushWire
import NIOCore
import Testing

/// What programs and operators ask of a session, and how its answers find back.
@Suite struct SessionRequestTests {
    private func http(_ method: HTTPProxyMethod) -> HTTPProxyRequest {
        HTTPProxyRequest(method: method, uri: "http://a/", headers: [], body: ByteBuffer())
    }

    private func push(
        _ session: inout TestSession, _ token: RequestToken = .first, bytes: Int = 5, isAcknowledged: Bool = true
    ) -> [SessionAction] {
        session.machine.pushRequested(
            token, content: ByteBuffer(repeating: 0x61, count: bytes), isAcknowledged: isAcknowledged, at: session.now)
    }

    // MARK: - PUSH

    @Test func aPushIsDoneWhenItIsAcknowledged() {
        var session = TestSession.online()
        let actions = push(&session)
        #expect(actions.sentHeaders == ["PUSH 3"])
        #expect(actions.sent.map(\.flags) == [.autoAck])
        #expect(session.receive(.ack, 3) == [.complete(.first, .done)])
        #expect(session.receive(.ack, 3) == [])
    }

    @Test func aPushWithoutAnAckIsDoneAtOnce() {
        var session = TestSession.online()
        let actions = push(&session, isAcknowledged: false)
        #expect(actions.sent.map(\.flags) == [[]])
        #expect(actions.last == .complete(.first, .done))
    }

    @Test func aPushIsNotRepeated() {
        var session = TestSession.online {
            $0.requestRetries = 5
            $0.health.confirmation = nil
        }
        _ = push(&session)
        #expect(session.advance(.seconds(10)) == [.complete(.first, .timedOut(after: .seconds(10)))])
        #expect(session.receive(.ack, 3) == [])
    }

    @Test func numbersOverlapAndAPushOfTheServerCompletesNothing() {
        var session = TestSession.online()
        _ = push(&session)
        #expect(session.receive(.push("theirs"), 3).delivered.count == 1)
        #expect(session.receive(.kick(KickMessage(deviceID: "x", userID: "y")), 3).reports.count == 1)
        #expect(session.receive(.ack, 3) == [.complete(.first, .done)])
    }

    @Test func anErrorCompletesTheRequestThatItNames() {
        var session = TestSession.online()
        _ = push(&session)
        #expect(session.receive(.error(.bind, .unknown), 3).reports.count == 1)
        #expect(
            session.receive(.error(.push, .unknown), 3) == [
                .complete(.first, .refused(code: .unknown, reason: "no"))
            ])
    }

    // MARK: - HTTP_PROXY

    @Test func aGetIsRepeatedWithItsNumberAndAPostIsNot() {
        var session = TestSession.online { $0.health.confirmation = nil }
        #expect(session.machine.httpRequested(.first, http(.get), at: session.now).sentHeaders == ["HTTP_PROXY 3"])
        #expect(session.machine.httpRequested(.second, http(.post), at: session.now).sentHeaders == ["HTTP_PROXY 4"])
        let actions = session.advance(.seconds(30))
        #expect(actions.sentHeaders == ["HTTP_PROXY 3"])
        #expect(actions.last == .complete(.second, .timedOut(after: .seconds(30))))
        let answer = HTTPProxyAnswer(status: 200, reason: "OK", headers: [], body: ByteBuffer())
        #expect(session.receive(.httpProxy(answer), 3) == [.complete(.first, .httpAnswer(answer))])
        #expect(session.receive(.httpProxy(answer), 3) == [])
        #expect(session.receive(.httpProxy(answer), 4) == [])
    }

    @Test func remembersThatAServerMakesNoHTTPRequests() {
        var session = TestSession.online()
        _ = session.machine.httpRequested(.first, http(.get), at: session.now)
        #expect(
            session.receive(.error(.httpProxy, .unsupportedCommand), 3) == [
                .report(.httpProxyUnsupported), .complete(.first, .refused(code: .unsupportedCommand, reason: "no")),
            ])
    }

    @Test func aServerThatMakesNoHTTPRequestsIsNotAskedAgainForADay() {
        var session = TestSession.online()
        _ = session.machine.httpRequested(.first, http(.get), at: session.now)
        _ = session.receive(.error(.httpProxy, .unsupportedCommand), 3)
        let again = session.machine.httpRequested(.second, http(.get), at: session.now)
        #expect(again.sent.isEmpty)
        guard case .refused(.unsupportedCommand, _)? = again.outcomes[2] else {
            Issue.record("\(again)")
            return
        }
        let refusals = session.machine.carryover.httpProxyRefusals
        guard let endpoint = TestSession.endpoint, let other = try? Endpoint(parsing: "b:1") else { return }
        #expect(!refusals.holds(other, at: session.now))
        #expect(!refusals.holds(endpoint, at: session.now + HTTPProxyRefusals.lifetime))
        _ = session.machine.configurationRead(TestSession.identity, at: session.now)
        #expect(session.machine.httpRequested(.second, http(.get), at: session.now).sentHeaders == ["HTTP_PROXY 4"])
    }

    // MARK: - Bounds

    @Test func nothingIsSentBeforeTheSessionIsBoundOrAfterItsEnd() {
        var session = TestSession.binding()
        #expect(push(&session) == [.complete(.first, .notConnected)])
        _ = session.machine.closeRequested(.localStop)
        #expect(push(&session) == [.complete(.first, .notConnected)])
        #expect(session.machine.unbindRequested(.first, at: session.now) == [.complete(.first, .deferred)])
        #expect(session.machine.bindRequested(.third, user: "bob", at: session.now) == [.complete(.third, .deferred)])
        #expect(session.machine.connectionClosed(.localStop) == [])
    }

    @Test func refusesABodyThatIsTooLongOnceEncrypted() {
        var session = TestSession.online { $0.maximumSend = 64 }
        #expect(push(&session, bytes: 63).sentHeaders == ["PUSH 3"])
        #expect(push(&session, .second, bytes: 64) == [.complete(.second, .tooLong(bytes: 80, maximum: 64))])
        #expect(push(&session, bytes: 0).sentHeaders == ["PUSH 4"])
    }

    @Test func refusesMoreRequestsThanItsTableHolds() {
        var session = TestSession.online()
        for number in 0..<256 {
            #expect(push(&session, RequestToken(rawValue: UInt64(number))).sent.count == 1)
        }
        #expect(push(&session, RequestToken(rawValue: 999)) == [.complete(RequestToken(rawValue: 999), .tooMany)])
        _ = session.receive(.ack, 3)
        #expect(push(&session).sent.count == 1)
    }

    @Test func everyRequestEndsWithTheConnectionOnceAndInOrder() {
        var session = TestSession.online()
        _ = push(&session, .first)
        _ = session.machine.httpRequested(.second, http(.get), at: session.now)
        let cause = LossCause.reset(detail: "gone")
        #expect(
            session.machine.connectionClosed(cause) == [
                .complete(.first, .connectionLost(cause)), .complete(.second, .connectionLost(cause)),
            ])
        #expect(session.machine.connectionClosed(cause) == [])
    }

    @Test func requestsEndAfterTheClose() {
        var session = TestSession.online()
        _ = push(&session)
        #expect(session.machine.closeRequested(.localStop) == [.close(.localStop)])
        #expect(session.machine.closeRequested(.localStop) == [])
        #expect(session.receive(.ack, 3) == [])
        #expect(session.machine.connectionClosed(.localStop) == [.complete(.first, .connectionLost(.localStop))])
    }

    /// Its answer may be there, and stand behind messages that cannot be stored.
    @Test func noRequestIsOverdueWhileWeDoNotRead() {
        var session = TestSession.online()
        _ = push(&session)
        #expect(session.machine.tagsRequested(.second, ["t"], at: session.now).sentHeaders == ["BIND 4"])
        session.wait(.seconds(5))
        session.machine.readingPaused(at: session.now)
        let actions = session.advance(.seconds(3600))
        #expect(actions.outcomes.isEmpty && actions.closings.isEmpty && actions.sent.isEmpty)
        session.machine.readingResumed(at: session.now)
        let later = session.advance(.milliseconds(4999))
        #expect(later.outcomes.isEmpty && later.sent.isEmpty)
        #expect(session.receive(.ack, 3) == [.complete(.first, .done)])
        #expect(session.advance(.milliseconds(1)).sentHeaders == ["BIND 4"])
        #expect(session.receive(.ok(.bind), 4).outcomes == [2: .done])
    }

    /// Each pause puts a deadline off by its own time, and by no more.
    @Test func shortPausesDoNotPutARequestOffForEver() {
        var session = TestSession.online()
        _ = push(&session)
        var outcomes: [UInt64: RequestOutcome] = [:]
        for _ in 0..<250 {
            session.machine.readingPaused(at: session.now)
            session.wait(.milliseconds(1))
            session.machine.readingResumed(at: session.now)
            outcomes.merge(session.advance(.milliseconds(99)).outcomes) { first, _ in first }
        }
        #expect(outcomes.count == 1)
    }

    @Test func overdueRequestsEndInTheOrderOfTheirDeadlines() {
        var session = TestSession.online { $0.health.confirmation = nil }
        for number in 0..<100 {
            _ = push(&session, RequestToken(rawValue: UInt64(number)))
            session.wait(.milliseconds(1))
        }
        session.wait(.seconds(20))
        let expected = (0..<100).map {
            SessionAction.complete(RequestToken(rawValue: UInt64($0)), .timedOut(after: .seconds(10)))
        }
        #expect(session.machine.deadlineReached(at: session.now) == expected)
    }

    @Test func numbersBeginAgainAfterTheLastAndSkipThoseInUse() {
        var session = TestSession(firstRequestNumber: .max - 1)
        #expect(session.connect().sentHeaders == ["HANDSHAKE \(Int32.max - 1)"])
        #expect(session.receive(.handshake(.good), .max - 1).sentHeaders == ["BIND \(Int32.max)"])
        _ = session.receive(.ok(.bind), .max)
        #expect(push(&session).sentHeaders == ["PUSH 1"])
        #expect(session.machine.carryover.nextRequestNumber == 2)
    }

    @Test(arguments: [0, -1, Int32.min])
    func numbersAreNeverZeroOrLess(first: Int32) {
        var session = TestSession(firstRequestNumber: first)
        #expect(session.connect().sentHeaders == ["HANDSHAKE 1"])
    }
}
