import MPushModel
import MPushRouting
import Testing

@Suite struct ArgumentTemplateTests {
    private let message = RoutedMessage.sample(
        """
        {"title": "Fire!", "minus": -5, "list": [1, {"a": null}], "on": true, "none": null, "in": {"ner": {"most": "x"}}}
        """)

    private func expand(_ template: String, _ message: RoutedMessage? = nil) throws -> String {
        let bytes = try ArgumentTemplate(template).expanded(message ?? self.message, route: "notify", attempt: 2)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", ""), ("-t", "-t"), ("{id}", "m-1"), ("{type}", "2"), ("{user}/{identity}", "alice/desk"),
        ("at {received} by {route}", "at 2026-11-24T18:00:00Z by notify"), ("#{attempt}", "#2"),
        ("{json:title}", "Fire!"), ("--title={json:title}", "--title=Fire!"), ("{json:in.ner.most}", "x"),
        ("{json:in.ner}", "{\"most\":\"x\"}"), ("{json:list}", "[1,{\"a\":null}]"), ("{json:on}", "true"),
        ("<{json:none}>", "<>"), ("<{json:gone}>", "<>"), ("<{json:title.x}>", "<>"), ("{{content}}", "{content}"),
        ("{{{id}}}", "{m-1}"), ("{{", "{"), ("}}", "}"), ("ä{id}🚨", "äm-1🚨"), ("-m{id}", "-mm-1"),
    ])
    func isExpanded(template: String, expected: String) throws {
        #expect(try expand(template) == expected)
    }

    @Test(arguments: [
        ("{content}", "--help", " --help"), ("{content}", "-", " -"), ("{content}x", "", "x"),
        ("{json:gone}-x", "{}", " -x"), ("x{content}", "-rf", "x-rf"), ("{content}", " -x", " -x"),
        ("{content}", "a b\nc;$(d)`e`", "a b\nc;$(d)`e`"), ("--x={content}", "-rf", "--x=-rf"),
    ])
    func aMessageNeverMakesAnOption(template: String, content: String, expected: String) throws {
        #expect(try expand(template, .sample(content)) == expected)
    }

    @Test(arguments: [("-{content}", 2), ("--{content}", 3), ("--ti{content}", 5), ("---{id}", 4)])
    func aPlaceholderCannotNameAnOption(template: String, position: Int) {
        #expect(throws: TemplateError.optionName(at: position)) { try ArgumentTemplate(template) }
    }

    @Test func aMinusOfANumberIsNoOptionEither() throws {
        #expect(try expand("{json:minus}") == " -5")
    }

    @Test func nulBecomesAReplacementCharacterAndOtherBytesStay() throws {
        let bytes: [UInt8] = [0x61, 0, 0xFF, 0xC3, 0]
        let argument = try ArgumentTemplate("{content}").expanded(.sample(bytes), route: "r", attempt: 1)
        #expect(argument == [0x61, 0xEF, 0xBF, 0xBD, 0xFF, 0xC3, 0xEF, 0xBF, 0xBD])
    }

    @Test func anArgumentIsAsLongAsLinuxAllows() throws {
        let most = ArgumentTemplate.longestArgument
        let template = try ArgumentTemplate("{content}")
        func count(_ content: [UInt8]) throws -> Int {
            try template.expanded(.sample(content), route: "r", attempt: 1).count
        }
        #expect(try count([UInt8](repeating: 0x61, count: most)) == most)
        #expect(throws: TemplateError.tooLong(most)) { try count([UInt8](repeating: 0x61, count: most + 1)) }
        #expect(throws: TemplateError.tooLong(most)) { try count([UInt8](repeating: 0x2D, count: most)) }
        #expect(throws: TemplateError.tooLong(most)) { try count([UInt8](repeating: 0, count: most / 2)) }
        #expect("\(TemplateError.tooLong(most))".contains("Use standard input"))
    }

    @Test func allArgumentsTogetherAreBounded() throws {
        let message = RoutedMessage.sample([UInt8](repeating: 0x61, count: 100_000))
        let templates = [ArgumentTemplate](repeating: try ArgumentTemplate("{content}"), count: 11)
        #expect(try Array(templates.dropLast()).expanded(message, route: "r", attempt: 1).count == 10)
        #expect(throws: TemplateError.tooLong(1 << 20)) { try templates.expanded(message, route: "r", attempt: 1) }
        #expect(!templates.needsJSON)
        #expect(try [ArgumentTemplate("{id}"), ArgumentTemplate("{json:a}")].needsJSON)
    }

    @Test(arguments: [
        ("{contnt}", TemplateError.unknownPlaceholder("contnt", at: 1)), ("x{}", .unknownPlaceholder("", at: 2)),
        ("ä {Content}", .unknownPlaceholder("Content", at: 3)), ("a {id", .openBrace(at: 3)),
        ("{a{b}", .openBrace(at: 1)), ("{", .openBrace(at: 1)), ("{{{", .openBrace(at: 3)), ("a}b", .strayBrace(at: 2)),
        ("}}}", .strayBrace(at: 3)), ("{json:}", .badField("json:", at: 1)),
        ("{json:a..b}", .badField("json:a..b", at: 1)),
        ("{json:.}", .badField("json:.", at: 1)), ("{json}", .unknownPlaceholder("json", at: 1)),
    ])
    func aBadTemplateSaysWhere(template: String, error: TemplateError) {
        #expect(throws: error) { try ArgumentTemplate(template) }
        #expect("\(error)".contains("at character \(error.position ?? 0)"))
    }

    @Test func whateverComesItIsOneSafeArgument() throws {
        var random = SplitMix64(seed: 5)
        let pieces = [
            "{content}", "{json:a}", "{id}", "-", "--", "x", "{{", "}}", "=", " ", "{", "}", "\u{0}", "{type}",
        ]
        let hostile = ["-", "--", "\u{0}", "{\"a\": \"--x\"}", "{\"a\": -1}", "", "\n-x", "{content}", "\u{0}-"]
        var expanded = 0
        for _ in 0..<5000 {
            let count = Int.random(in: 0...4, using: &random)
            let source = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            guard let template = try? ArgumentTemplate(source) else { continue }
            let content = hostile.randomElement(using: &random) ?? ""
            let argument = try template.expanded(.sample(content), route: "r", attempt: 1)
            expanded += 1
            #expect(!argument.contains(0))
            if argument.first == UInt8(ascii: "-") { #expect(source.hasPrefix("-"), "\(source) with \(content)") }
        }
        #expect(expanded > 1000)
    }

    /// A number is as the message has it; a sign in front of it makes no option of it.
    @Test(arguments: ["18446744073709551615", "12.50", "1E5", "1.0", "-0", "-12.50", "1e400"])
    func aNumberStaysAsItIs(number: String) throws {
        let message = RoutedMessage.sample("{\"v\":\(number),\"s\":\"-x\"}")
        let templates = try ["{json:v}", "--", "{json:v}", "{json:s}", "{json:v}{json:v}"].map {
            try ArgumentTemplate($0)
        }
        let arguments = try templates.expanded(message, route: "r", attempt: 1, firstOperand: 2)
            .map { String(decoding: $0, as: UTF8.self) }
        let safe = number.hasPrefix("-") ? " \(number)" : number
        #expect(arguments == [safe, "--", number, " -x", safe + number])
    }
}
