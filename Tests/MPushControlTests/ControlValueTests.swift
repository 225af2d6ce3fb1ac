import MPushJSON
import MPushModel
import MPushTestSupport
import Testing

@testable import MPushControl

/// Values of the local API to JSON and back.
@Suite struct ControlValueTests {
    private func comesBack<Value: ControlValue>(_ value: Value) throws -> Bool {
        try Value(json: JSONParser.parse(value.json.text)) == value
    }

    @Test func aFullStatusComesBackAsItWas() throws {
        #expect(try comesBack(Samples.status))
    }

    @Test func everyAnswerComesBackAsItWas() throws {
        #expect(try comesBack(Samples.message("grüß dich\n")))
        #expect(try comesBack(DeadLetterPage(deadLetters: [Samples.deadLetter])))
        #expect(try comesBack(DeadLetterPage(deadLetters: [Samples.deadLetter], hasMore: true)))
        #expect(try comesBack(MessagePage(messages: [Samples.message("x")], next: MessagePosition(rawValue: 7))))
        #expect(try comesBack(EventPage(events: [Samples.event], oldest: 3)))
        #expect(try comesBack(RouteList(routes: [Samples.route, RouteStatus(name: "r", kind: "exec")])))
        var paused = RouteStatus(name: "r", kind: "exec")
        paused.pause = .untilResumed
        #expect(try comesBack(paused))
        #expect(try comesBack(Samples.trace))
        #expect(
            try comesBack(
                RouteTestAnswer(route: "r", id: "i", .failed("no", retryAfter: nil), took: .seconds(1), isWanted: false)
            ))
        #expect(try comesBack(ConsumerList(consumers: [Samples.consumer])))
        #expect(
            try comesBack(HealthReport(isHealthy: false, identities: [IdentityState(identity: "a", state: .paused)])))
        var ready = HealthReport(isHealthy: true, identities: [])
        ready.checks = [CheckReport(name: "inbox", isGood: true, detail: "stores messages")]
        #expect(try comesBack(ready))
        #expect(try comesBack(LiveReport(stuck: nil)) && comesBack(LiveReport(stuck: "the inbox")))
        #expect(try comesBack(ReloadAnswer(file: "f", summary: "s", warnings: ["w"])))
        #expect(try comesBack(PushAnswer(identity: "a", isAcknowledged: true, took: .milliseconds(34))))
    }

    @Test func everyRequestComesBackAsItWas() throws {
        var push = PushRequest(content: MessageContent([0xFF, 0, 1]))
        push.awaitsAck = false
        #expect(try comesBack(push))
        var http = ControlHTTPRequest(url: "https://example.com/a?b")
        http.method = .put
        http.headers = [HeadField(name: "Accept", value: "text/plain")]
        http.body = MessageContent("x")
        #expect(try comesBack(http))
        #expect(try comesBack(ControlBindRequest(identity: "a", user: "u", tags: ["x", "y"])))
        #expect(try comesBack(ControlBindRequest(identity: "a")))
        #expect(try comesBack(TagsRequest(identity: "a", tags: [])))
        #expect(try comesBack(AckRequest.positions([1, 2])))
        #expect(try comesBack(AckRequest.upTo(9)))
        #expect(try comesBack(DeadLetterSelection(route: "r", positions: nil)))
        #expect(try comesBack(DeadLetterSelection(route: "r", positions: [4])))
        #expect(try comesBack(SteeringRequest()))
        #expect(try comesBack(ReloadRequest()))
    }

    @Test func contentThatIsNoTextGoesAsBase64() {
        let json = Samples.message([0xFF, 0xFE]).json
        #expect(json["content"] == nil)
        #expect(json["content_base64"] == .string("//4="))
        #expect(json["size"] == .integer(2))
    }

    @Test func durationsAreSecondsAndTimesAreUTC() {
        let json = Samples.status.json
        #expect(json["uptime_seconds"] == .number(11520.25))
        #expect(json["started"] == .string("2026-11-22T10:11:12.123Z"))
        #expect(json["identities"]?.array?.first?["last_round_trip_seconds"] == .number(0.034))
        #expect(json["identities"]?.array?.first?["heartbeat_seconds"] == .integer(180))
    }

    @Test func aMemberOfANewerDaemonIsPassedOver() throws {
        let json = try JSONParser.parse(#"{"identity":"a","acknowledged":true,"took_seconds":1,"mood":"good"}"#)
        #expect(try PushAnswer(json: json).took == .seconds(1))
    }

    @Test(arguments: [
        (#"{"contents":"x"}"#, "/contents is not known here. Known are identity, content, content_base64, ack"),
        (#"{"content":5}"#, "/content is not a string"), ("{}", "/content is missing"),
        ("[]", "the value is not an object"),
        (#"{"content":"a","content_base64":"YQ=="}"#, "/content is set together with content_base64"),
        (#"{"content_base64":"Y"}"#, "/content_base64 is not base64"),
        (#"{"content":"a","ack":"yes"}"#, "/ack is not true or false"),
        (#"{"content":"a","content":"b"}"#, "/content is there twice"),
        (#"{"content":""}"#, "/content is empty"), (#"{"content_base64":""}"#, "/content is empty"),
    ])
    func aWrongPushSaysWhatIsWrong(text: String, words: String) throws {
        let json = try JSONParser.parse(text)
        let error = #expect(throws: ControlError.self) { try PushRequest(json: json) }
        #expect(error?.description == words)
    }

    @Test(arguments: [
        "{}", #"{"position":1,"up_to":2}"#, #"{"positions":[]}"#, #"{"position":0}"#, #"{"up_to":-1}"#,
        #"{"positions":[1,"2"]}"#, #"{"position":1.5}"#,
    ])
    func anAckNeedsOneGoodChoice(text: String) throws {
        let json = try JSONParser.parse(text)
        #expect(throws: ControlError.self) { try AckRequest(json: json) }
    }

    @Test func deadLettersAreNeverAllByLeavingSomethingOut() throws {
        let json = try JSONParser.parse(#"{"route":"r"}"#)
        #expect(throws: ControlError.self) { try DeadLetterSelection(json: json) }
        let both = try JSONParser.parse(#"{"route":"r","all":true,"positions":[1]}"#)
        #expect(throws: ControlError.self) { try DeadLetterSelection(json: both) }
    }

    @Test func tagsThatWouldSplitAreRefusedAndMissingOnesAreNotNone() throws {
        let comma = try JSONParser.parse(#"{"identity":"a","tags":["x,y"]}"#)
        #expect(throws: ControlError.self) { try TagsRequest(json: comma) }
        let missing = try JSONParser.parse(#"{"identity":"a"}"#)
        #expect(throws: ControlError.self) { try TagsRequest(json: missing) }
    }

    @Test(arguments: ["a\r\nb", "a\u{0}"])
    func headFieldsCannotSmuggleLines(value: String) {
        let json = JSONValue.object(["url": .string("http://a/"), "headers": .object(["X": .string(value)])])
        #expect(throws: ControlError.self) { try ControlHTTPRequest(json: json) }
    }

    @Test func anErrorInsideSaysWhere() throws {
        let json = try JSONParser.parse(#"{"events":[{"sequence":"x"}],"oldest":1}"#)
        let error = #expect(throws: ControlError.self) { try EventPage(json: json) }
        #expect(error?.pointer == "/events/0/sequence")
    }

    @Test func aProblemKeepsItsFurtherMembers() throws {
        var problem = Problem(.notConnected, "alice is waiting", ["identity": .string("alice")])
        problem.instance = "/v1/push"
        #expect(try comesBack(problem))
        #expect(problem.known == .notConnected)
        #expect(problem.json["type"] == .string("/problems/not-connected"))
        #expect(problem.json["identity"] == .string("alice"))
    }
}
