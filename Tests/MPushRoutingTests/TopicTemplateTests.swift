import MPushModel
import MPushRouting
import Testing

@Suite struct TopicTemplateTests {
    private let message = RoutedMessage.sample(
        "{\"place\": \"hall/2\", \"own\": \"$SYS/x\", \"all\": \"+\", \"rest\": \"a/#\", \"line\": \"a\\nb\", \"nul\": \"\\u0000\"}"
    )

    private func expand(
        _ template: String, _ message: RoutedMessage? = nil, of broker: BrokerKind = .mqtt
    ) throws -> String {
        try TopicTemplate(template, of: broker).expanded(message ?? self.message, route: "broker", attempt: 3)
    }

    @Test(arguments: [
        ("push/{user}", "push/alice"), ("{user}/{identity}/{id}", "alice/desk/m-1"), ("p/{json:place}", "p/hall/2"),
        ("{route}/{attempt}/{type}", "broker/3/2"), ("$aws/things/{user}", "$aws/things/alice"), ("a{{b}}", "a{b}"),
        ("x/{json:gone}/y", "x//y"), ("ä/🚨", "ä/🚨"), ("x{json:own}", "x$SYS/x"),
    ])
    func isExpanded(template: String, topic: String) throws {
        #expect(try expand(template) == topic)
    }

    @Test(arguments: [
        ("p/{json:all}", TopicError.wildcard("+")), ("p/{json:rest}", .wildcard("#")),
        ("p/{json:line}", .character("\n")),
        ("p/{json:nul}", .character("\0")), ("{json:own}", .reserved), ("{json:gone}", .empty),
    ])
    func aMessageCannotMakeATopicThatIsNone(template: String, error: TopicError) {
        #expect(throws: error) { try expand(template) }
    }

    @Test(arguments: [
        ("", TopicError.empty), ("push/+", .wildcard("+")), ("#", .wildcard("#")), ("a\u{7}", .character("\u{7}")),
        ("{usr}", .template(.unknownPlaceholder("usr", at: 1))), ("\u{FFFE}", .character("\u{FFFE}")),
    ])
    func aBadTemplateIsRefused(template: String, error: TopicError) {
        #expect(throws: error) { try TopicTemplate(template, of: .mqtt) }
    }

    @Test func aTopicIsBounded() throws {
        let template = try TopicTemplate("{content}", of: .mqtt)
        func count(_ content: Int) throws -> Int {
            let message = RoutedMessage.sample([UInt8](repeating: 0x61, count: content))
            return try template.expanded(message, route: "r", attempt: 1).utf8.count
        }
        #expect(try count(65535) == 65535)
        #expect(throws: TopicError.tooLong(65535)) { try count(65536) }
        #expect(throws: TopicError.notText) { try expand("{content}", .sample([0x61, 0xFF])) }
    }

    // MARK: - Other brokers

    @Test(arguments: [
        ("push.{user}", BrokerKind.nats, "push.alice"), ("{json:place}", .nats, "hall/2"), ("ä.b", .nats, "ä.b"),
        ("$KV.{user}", .nats, "$KV.alice"), ("push_{user}-{type}.x", .kafka, "push_alice-2.x"),
    ])
    func isExpandedForOthers(template: String, broker: BrokerKind, topic: String) throws {
        #expect(try expand(template, of: broker) == topic)
    }

    @Test(arguments: [
        ("p.{json:gone}", BrokerKind.nats, TopicError.emptyPart), ("{json:gone}.p", .nats, .emptyPart),
        ("a.{json:gone}.b", .nats, .emptyPart), ("a{json:line}", .nats, .character("\n")),
        ("a {user}", .nats, .character(" ")),
        ("{json:own}", .nats, .reserved), ("push.*", .nats, .wildcard("*")), ("push.>", .nats, .wildcard(">")),
        (".a", .nats, .emptyPart), ("a..b", .nats, .emptyPart), ("", .nats, .empty),
        ("p{json:place}", .kafka, .character("/")), ("ä", .kafka, .character("ä")), ("..", .kafka, .dots),
        ("{json:gone}.", .kafka, .dots), ("{json:gone}", .kafka, .empty),
        (String(repeating: "x", count: 250), .kafka, .tooLong(249)),
        (String(repeating: "x", count: 2049), .nats, .tooLong(2048)),
    ])
    func othersHaveRulesOfTheirOwn(template: String, broker: BrokerKind, error: TopicError) {
        #expect(throws: error) { try expand(template, of: broker) }
    }

    @Test func errorsReadOnFromTheTopic() {
        #expect("\(TopicError.character("\n"))" == "has the character U+000A in it, which it may not hold")
        #expect("\(TopicError.wildcard("+"))".hasPrefix("has + in it"))
    }
}
