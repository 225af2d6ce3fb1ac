import MPushRouting
import Testing

@Suite struct PatternTests {
    @Test(arguments: [
        ("alarm", "an alarm!", true), ("^alarm$", "an alarm!", false), ("(?i)ALARM", "an alarm!", true),
        ("^a.b$", "aäb", true), ("^.$", "🚨", true), ("(*UCP)^\\w+$", "äöü", true), ("", "", true), ("x", "", false),
        ("(a)(b)(c)\\3", "abcc", true), ("a\\x{0}b", "a\u{0}b", true), ("(?<=a)b", "ab", true),
    ])
    func isFound(pattern: String, text: String, expected: Bool) throws {
        let pattern = try Pattern(pattern)
        #expect(pattern.isFound(in: text) == expected)
        #expect(pattern.isFound(in: Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        ("(", 1, "missing closing parenthesis"), ("a[b", 3, "missing terminating ]"), ("*", 0, "quantifier"),
        ("\\C", 2, "using \\C is disabled"), ("(?<n>a)(?<n>b)", 12, "two named"), ("a{2,1}", 5, "out of order"),
    ])
    func aBadPatternSaysWhereAndWhy(source: String, offset: Int, words: String) {
        #expect {
            try Pattern(source)
        } throws: { error in
            guard let error = error as? PatternError else { return false }
            return error.offset == offset && error.message.contains(words)
        }
    }

    @Test func aPatternIsBounded() throws {
        _ = try Pattern(String(repeating: "x", count: Pattern.longestSource))
        #expect(throws: PatternError.self) { try Pattern(String(repeating: "x", count: Pattern.longestSource + 1)) }
        #expect(throws: PatternError.self) { try Pattern(String(repeating: "(", count: 2000)) }
    }

    @Test func whatIsTextAmongOtherBytesIsFound() throws {
        let bytes: [UInt8] = [0xFF, 0xC3] + Array("Tür offen".utf8) + [0x80, 0xED, 0xA0, 0x80]
        #expect(try Pattern("Tür.offen").isFound(in: bytes))
        #expect(try !Pattern("offen.").isFound(in: bytes))
        #expect(try !Pattern("ÿ").isFound(in: bytes))
    }

    @Test func onlyTheFirstMebibyteIsSearchedAndItsEndIsNone() throws {
        let most = Pattern.longestSubject
        let bytes = [UInt8](repeating: 0x2E, count: most - 1) + Array("ab".utf8)
        #expect(try Pattern("a").isFound(in: bytes))
        #expect(try !Pattern("b").isFound(in: bytes))
        #expect(try !Pattern("a$").isFound(in: bytes))
        #expect(try Pattern("a$").isFound(in: Array(bytes.dropLast())))
    }

    /// Without a bound, many of these would run for minutes.
    @Test(arguments: [
        "(a+)+$", "(a|a)*c", "(a|aa)+$", "a*a*a*a*a*a*c?b$", "a+$", "(?:a?){40}a{40}$", "(.*)(.*)(.*)(.*)(.*)\\1x",
        "(?R)?a+(?R)?b", "(a*?)*?b(?=c)", "[a-z]*+[?]", "(?:a|(?:a|(?:a|b)+)+)+$", "\\w+\\s+\\w+!", "[^!]{9}b|a{999}b",
    ])
    func aSearchThatRunsAwayIsGivenUp(source: String) throws {
        let content = [UInt8](repeating: 0x61, count: Pattern.longestSubject - 1) + [0x21]
        let pattern = try Pattern(source)
        var found = true
        let took = ContinuousClock().measure { found = pattern.isFound(in: content) }
        #expect(!found)
        #expect(took < .seconds(10), "\(took)")
    }

    @Test func theBoundsDoNotHinderAnHonestSearchOfAMebibyte() throws {
        let line = Array(
            "Nov 24 18:00:00 host sshd[812]: Accepted publickey for alice from 192.0.2.7 port 50022\n".utf8)
        let lines = repeatElement(line, count: 11_000).flatMap { $0 } + Array("kernel: alarm 7\n".utf8)
        #expect(lines.count <= Pattern.longestSubject)
        #expect(try Pattern("alarm \\d").isFound(in: lines))
        #expect(try Pattern("(?m)^kernel: (alarm|panic)").isFound(in: lines))
        #expect(try Pattern("(?i)KERNEL: +ALARM").isFound(in: lines))
    }

    @Test func patternsAreEqualByTheirSource() throws {
        #expect(try Pattern("a+") == Pattern("a+"))
        #expect(try Pattern("a+") != Pattern("a{1,}"))
    }

    @Test func onePatternServesManyThreads() throws {
        let pattern = try Pattern("^(a|b)+c")
        ThreadGroup.run(4) { number in
            for round in 0..<2000 {
                let matches = round.isMultiple(of: 2)
                #expect(pattern.isFound(in: matches ? "abac\(number)" : "abad") == matches)
            }
        }
    }
}
