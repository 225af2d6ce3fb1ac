import MPushRouting
import Testing

@Suite struct TopicTemplateTests {
    private let message = RoutedMessage.sample(
        "{\"place\": \"hall/2\", \"own\": \"$SYS/x\", \"all\": \"+\", \"rest\": \"a/#\", \"line\": \"a\\nb\", \"nul\": \"\\u0000\"}"
    )

    private func expand(_ template: String, _ message: RoutedMessage? = nil) throws -> String {
        try TopicTemplate(template).expanded(message ?? self.message, route: "broker", attempt: 3)
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
        #expect(throws: error) { try TopicTemplate(template) }
    }

    @Test func aTopicIsBounded() throws {
        let template = try TopicTemplate("{content}")
        func count(_ content: Int) throws -> Int {
            let message = RoutedMessage.sample([UInt8](repeating: 0x61, count: content))
            return try template.expanded(message, route: "r", attempt: 1).utf8.count
        }
        #expect(try count(TopicTemplate.longest) == TopicTemplate.longest)
        #expect(throws: TopicError.tooLong) { try count(TopicTemplate.longest + 1) }
        #expect(throws: TopicError.notText) { try expand("{content}", .sample([0x61, 0xFF])) }
    }

    @Test func errorsReadOnFromTheTopic() {
        #expect("\(TopicError.character("\n"))" == "has the character U+000A in it, which no topic may hold")
        #expect("\(TopicError.wildcard("+"))".hasPrefix("has + in it"))
    }
}
