import MPushJSON
import Testing

@Suite struct JSONTextTests {
    @Test(arguments: [
        (JSONValue.null, "null"), (.bool(true), "true"), (.integer(-3), "-3"), (.double(2.5), "2.5"),
        (.double(.infinity), "null"), (.double(.nan), "null"),
        (.string("a\"\\\n\t\r\u{1}\u{7F}"), "\"a\\\"\\\\\\n\\t\\r\\u0001\\u007f\""),
        (.string("\u{80}\u{9F}\u{A0}ä🚨"), "\"\\u0080\\u009f\u{A0}ä🚨\""), (.array([.null, .array([])]), "[null,[]]"),
        (.string(""), "\"\""), (.string("\"a\""), "\"\\\"a\\\"\""), (.string("\u{85}a"), "\"\\u0085a\""),
        (.string("aÂ"), "\"aÂ\""),
        (.object([JSONMember("a", .integer(1)), JSONMember("b", .object([]))]), "{\"a\":1,\"b\":{}}"),
        (.object(["a": .integer(1), "b": nil]), "{\"a\":1}"),
    ])
    func isWrittenWithoutSpace(value: JSONValue, text: String) {
        #expect(value.text == text)
    }

    @Test(arguments: [0, 7, 10, -1, 120_034, Int64.max, Int64.min])
    func aWholeNumberIsWrittenAsSwiftWritesIt(number: Int64) {
        var output: [UInt8] = [0x20]
        JSONText.append(number, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == " \(number)")
    }

    @Test(arguments: ["", "plain", "{\"a\":\"b\\n\"}\n", "ä\u{85}🚨\u{A0}Â", "\u{7F}x"])
    func bytesAreWrittenAsTheirTextIs(text: String) {
        var (ofText, ofBytes): ([UInt8], [UInt8]) = ([], [])
        JSONText.append(text, to: &ofText)
        JSONText.append(utf8: Array(text.utf8), to: &ofBytes)
        #expect(ofText == ofBytes)
        #expect((try? JSONParser.parse(ofBytes)) == .string(text))
    }
}
