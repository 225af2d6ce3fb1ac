import MPushModel
import Testing

@Suite struct IdempotencyKeyTests {
    @Test(arguments: [
        ("home", 7, "m-7", "home:7:m-7"), ("home", nil, "m", "home::m"), ("", Int64.max, "", ":9223372036854775807:"),
        ("h", 1, "50%\n", "h:1:50%25%0A"), ("ä", 1, "a b", "%C3%A4:1:a b"), (" h", 1, "a b ", "%20h:1:a%20b%20"),
        ("h", 1, "\u{7F}\u{1}", "h:1:%7F%01"), ("h", 0, "m", "h:0:m"), ("h", -10, "m", "h:-10:m"),
        ("", Int64.min, "", ":-9223372036854775808:"),
    ])
    func hasAllOfItInVisibleASCII(identity: String, position: Int64?, id: String, key: String) {
        #expect(IdempotencyKey.text(identity: identity, position: position, id: id) == key)
        #expect(IdempotencyKey.bytes(identity: identity, position: position, id: id) == Array(key.utf8))
    }

    @Test func oneIsWrittenOverAnother() {
        var text = Array("what was there before, which is longer".utf8)
        IdempotencyKey.write(identity: "home", position: 12_340, id: "m", over: &text)
        #expect(text == Array("home:12340:m".utf8))
        IdempotencyKey.write(identity: "home", position: 5, id: "%", over: &text)
        #expect(text == Array("home:5:%25".utf8))
    }

    @Test func aValueThatIsVisibleStaysAsItIs() {
        #expect("push/alice~".safeInFields == "push/alice~")
        #expect("".safeInFields == "")
        #expect(" a b".safeInFields == "%20a%20b")
    }
}
