import MPushJSON
import Testing

@Suite struct JSONParserTests {
    @Test(arguments: [
        ("null", JSONValue.null), (" true\n", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
        ("-17", .integer(-17)), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)), ("1.5", .number(1.5)), ("-0.0125", .number(-0.0125)),
        ("\"\"", .string("")), ("\"aä🚨\"", .string("aä🚨")), ("[]", .array([])), ("{}", .object([])),
        ("[1,[2], {} ]", .array([.integer(1), .array([.integer(2)]), .object([])])),
        ("{\"a\":1,\"\":null}", .object([JSONMember("a", .integer(1)), JSONMember("", .null)])),
        ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\"", .string("\"\\/\u{8}\u{C}\n\r\tAä")),
        ("\"\\ud83d\\udea8\"", .string("🚨")), ("\"\\u0000\"", .string("\u{0}")), ("\"\u{7F}\"", .string("\u{7F}")),
    ])
    func isRead(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
        #expect(try JSONParser.parse(Array(text.utf8)) == value)
    }

    /// What a number is written as is what it is handed on as, whatever its size and precision.
    @Test(
        arguments: [
            ("-0", 0, 0), ("12.50", nil, 12.5), ("1E5", 100_000, 1e5), ("1e2", 100, 100), ("1.0", 1, 1),
            ("1E+2", 100, 100),
            ("9223372036854775808", nil, 9_223_372_036_854_775_808),
            ("18446744073709551615", nil, 1.8446744073709552e19),
            ("100000000000000000000", nil, 1e20), ("1e400", nil, nil), ("-1e400", nil, nil), ("1e-400", nil, 0),
            ("9007199254740993.0", 9_007_199_254_740_993, 9_007_199_254_740_992), ("-12.50e1", -125, -125),
            ("9223372036854775807.0", .max, 9_223_372_036_854_775_808), ("-9223372036854775808e0", .min, -0x1p63),
            ("9223372036854775.8085e3", nil, 9_223_372_036_854_775_808), ("4.9999999999999999999", nil, 5),
            ("-0.0", 0, 0), ("0e99999999999999999999", 0, 0), ("100e-2", 1, 1),
            (String(repeating: "1", count: 100_000), nil, nil),
            ("0." + String(repeating: "0", count: 400) + "1", nil, nil),
        ] as [(String, Int64?, Double?)])
    func aNumberKeepsItsText(text: String, integer: Int64?, double: Double?) throws {
        let value = try JSONParser.parse(" \(text) ")
        #expect(value.text == text)
        #expect(value.integer == integer && value.number == double)
    }

    @Test func aNumberOutOfRangeSpoilsOnlyItself() throws {
        let value = try JSONParser.parse(#"{"a":1e400,"b":"x"}"#)
        #expect(value["b"]?.string == "x" && value.text == #"{"a":1e400,"b":"x"}"#)
    }

    private static let halves = [
        "\\ud83d", "\\udea8", "\\ud83dx", "\\ud83d\\u0041", "\\ud83d\\n", "\\ud83d\\ud83d", "\\udea8\\ud83d",
    ]

    @Test(arguments: halves)
    func halfASurrogatePairIsAnError(text: String) throws {
        #expect { try JSONParser.parse("\"\(text)\"") } throws: {
            ($0 as? JSONError)?.message == "half of a surrogate pair alone is not a character"
        }
    }

    @Test(arguments: halves)
    func inAMessageHalfASurrogatePairBecomesAReplacementCharacter(text: String) throws {
        let read = try JSONParser.parse(content: Array("\"\(text)\"".utf8)).string
        #expect(read?.hasPrefix("\u{FFFD}") == true)
    }

    /// Two ids that differ in it must not become one, so it is none.
    @Test func aMemberWithHalfASurrogatePairIsNotFound() {
        let found = JSONMembers.find(["a", "b"], in: Array(#"{"a":"\ud83d","b":"\ud83d\udea8"}"#.utf8))
        #expect(found == [.null, .string("🚨")] || found == [nil, .string("🚨")])
    }

    /// What Windows and C programs put around a document.
    @Test(
        arguments: [
            ([0xEF, 0xBB, 0xBF], []), ([], [0]), ([], [0, 0, 0]), ([], [0x0A, 0, 0x0D, 0x0A, 0]),
            ([0xEF, 0xBB, 0xBF, 0x20], [0]),
        ] as [([UInt8], [UInt8])])
    func whatIsPutAroundAMessageDoesNotHideIt(before: [UInt8], behind: [UInt8]) throws {
        let content = before + Array(#"{"msgId":"a","msgType":1}"#.utf8) + behind
        #expect(try JSONParser.parse(content: content)["msgId"]?.string == "a")
        #expect(JSONMembers.find(["msgId", "msgType"], in: content) == [.string("a"), .integer(1)])
        // Of what is not a message, nothing is forgiven.
        if before != [] || behind.contains(0) { #expect(throws: JSONError.self) { try JSONParser.parse(content) } }
    }

    @Test(
        arguments: [[], [0], [0xEF, 0xBB, 0xBF], [0xEF, 0xBB, 0xBF, 0, 0], [0x7B, 0, 0x7D], [0, 0x31]] as [[UInt8]])
    func whatIsNoDocumentIsNoneInAMessageEither(content: [UInt8]) {
        #expect {
            try JSONParser.parse(content: content)
        } throws: { ($0 as? JSONError).map { (0...content.count).contains($0.offset) } ?? false }
    }

    @Test(arguments: [
        ("", 0, "it ends where a value is due"), ("  ", 2, "it ends where a value is due"),
        ("nul", 0, "no value begins like this"), ("nulll", 4, "something follows the value"),
        ("True", 0, "no value begins with this byte"), ("'a'", 0, "no value begins with this byte"),
        ("01", 1, "something follows the value"), ("-", 1, "a digit is due"), ("1.", 2, "a digit is due"),
        (".5", 0, "no value begins with this byte"), ("1e", 2, "a digit is due"),
        ("+1", 0, "no value begins with this byte"),
        ("NaN", 0, "no value begins with this byte"),
        ("[1,]", 3, "no value begins with this byte"), ("[1 2]", 3, "a comma or a closing bracket is due"),
        ("[", 1, "it ends where a value is due"), ("[1", 2, "a comma or a closing bracket is due"),
        ("{\"a\"}", 4, "a colon is due"), ("{a:1}", 1, "a name in quotes is due"),
        ("{\"a\":1,}", 7, "a name in quotes is due"), ("{\"a\":1", 6, "a comma or a closing brace is due"),
        ("\"a", 2, "a string does not end"), ("\"\\x\"", 3, "no such escape"), ("\"\\", 2, "a string does not end"),
        ("\"\\u12\"", 3, "four hexadecimal digits are due"), ("\"\\u12g4\"", 5, "four hexadecimal digits are due"),
        ("\"a\nb\"", 3, "a control character in a string"), ("\u{FEFF}1", 0, "no value begins with this byte"),
        ("1 /* one */", 2, "something follows the value"),
    ])
    func whatIsNoJSONIsRefusedWithItsPlace(text: String, offset: Int, message: String) {
        #expect(throws: JSONError(at: offset, message)) { try JSONParser.parse(text) }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0x80, 0x22],
    ])
    func aStringThatIsNotUTF8IsRefused(bytes: [UInt8]) {
        #expect { try JSONParser.parse(bytes) } throws: { ($0 as? JSONError)?.message == "a string is not UTF-8" }
    }

    @Test func depthIsBounded() throws {
        let deepest = JSONParser.deepest
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            #expect(throws: Never.self) { try JSONParser.parse(nested(deepest, open, close)) }
            #expect(throws: JSONError.self) { try JSONParser.parse(nested(deepest + 1, open, close)) }
            #expect(throws: JSONError.self) { try JSONParser.parse(String(repeating: open, count: 1_000_000)) }
        }
    }

    @Test func manyShallowArraysAreNotDeep() throws {
        let text = "[" + Array(repeating: "[]", count: 1000).joined(separator: ",") + "]"
        #expect(try JSONParser.parse(text).array?.count == 1000)
    }

    @Test func ofANameThatIsThereTwiceTheLastCounts() throws {
        let value = try JSONParser.parse("{\"a\": 1, \"a\": 2}")
        #expect(value["a"]?.integer == 2)
        #expect(JSONValue.number(3).integer == 3 && JSONValue.number(3.5).integer == nil)
        #expect(JSONValue.number(1e300).integer == nil)
        #expect(value["b"] == nil)
        #expect(JSONValue.integer(1)["a"] == nil)
    }
}
