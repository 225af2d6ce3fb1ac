import MPushModel
import MPushWire
import NIOCore
import Testing

@testable import MPushSession

/// What is too long costs itself alone; and how long a request may be, and may take.
@Suite struct SessionExcessTests {
    private static let excess = SizeExcess.body(bytes: 2_000_000, maximum: 1_048_576)

    @Test func aMessageThatIsTooLongIsNeitherTakenNorAcknowledged() {
        var session = TestSession.online()
        let actions = session.machine.bodyRefused(.push, number: 7, Self.excess, at: session.now)
        #expect(actions == [.report(.messageTooLong(Self.excess))])
        #expect(session.machine.state == .online)
        #expect(Self.excess.sentence == "2000000 bytes, and limits.max_body is 1048576")
        #expect(SizeExcess.inflated(maximum: 1).sentence.contains("limits.max_inflated"))
    }

    @Test func manyOfThemDoNotFillTheJournal() {
        var session = TestSession.online()
        let reports = (0..<100).flatMap {
            session.machine.bodyRefused(.push, number: $0, Self.excess, at: session.now)
        }
        #expect(reports.count == 8)
    }

    @Test func anAnswerThatIsTooLongFailsItsRequestAlone() throws {
        var session = TestSession.online()
        let get = HTTPProxyRequest(method: .get, uri: "http://a/", headers: [], body: ByteBuffer())
        #expect(session.machine.httpRequested(.first, get, at: session.now).sentHeaders == ["HTTP_PROXY 3"])
        #expect(session.machine.httpRequested(.second, get, at: session.now).sentHeaders == ["HTTP_PROXY 4"])
        let actions = session.machine.bodyRefused(.httpProxy, number: 3, Self.excess, at: session.now)
        #expect(actions == [.complete(.first, .answerTooLong(Self.excess))])
        #expect(session.machine.bodyRefused(.httpProxy, number: 3, Self.excess, at: session.now) == [])
        #expect(session.machine.state == .online)
    }

    @Test func whatTheSessionNeedsIsNotPassedOver() {
        var online = TestSession.online()
        #expect(online.machine.bodyRefused(.ok, number: 3, Self.excess, at: online.now).closings.count == 1)
        var early = TestSession()
        _ = early.connect()
        #expect(early.machine.bodyRefused(.push, number: 1, Self.excess, at: early.now).closings.count == 1)
        #expect(early.machine.bodyRefused(.push, number: 1, Self.excess, at: early.now) == [])
    }

    /// The server waits ten seconds itself, and then says so.
    @Test func aSlowHTTPRequestIsNotMadeTwiceWhileTheServerWaitsForIt() {
        var session = TestSession.online { $0.health.confirmation = nil }
        let get = HTTPProxyRequest(method: .get, uri: "http://a/", headers: [], body: ByteBuffer())
        _ = session.machine.httpRequested(.first, get, at: session.now)
        let sent = session.advance(.milliseconds(29_999)).sent.filter { $0.command == .httpProxy }
        #expect(sent.isEmpty)
        #expect(session.advance(.milliseconds(1)).sentHeaders.contains("HTTP_PROXY 3"))
    }

    /// What goes over the wire counts.
    @Test func aRequestMayBeLongAsLongAsItIsShortOnTheWire() {
        var session = TestSession.online { $0.maximumSend = 1024 }
        let content = ByteBuffer(repeating: 0x20, count: 100_000)
        let refused = session.machine.pushRequested(.first, content: content, isAcknowledged: true, at: session.now)
        #expect(refused.outcomes == [1: .tooLong(bytes: 100_016, maximum: 1024)])
        let sent = session.machine.pushRequested(
            .second, content: content, isAcknowledged: true, sealedLength: 1024, at: session.now)
        #expect(sent.sentHeaders == ["PUSH 3"])
        let measured = session.machine.pushRequested(
            .third, content: content, isAcknowledged: true, sealedLength: 1040, at: session.now)
        #expect(measured.outcomes == [3: .tooLong(bytes: 1040, maximum: 1024)])
    }
}
