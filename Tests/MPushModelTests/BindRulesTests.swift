import MPushModel
import Testing

/// What a user is bound with is bounded where it enters.
@Suite struct BindRulesTests {
    private static func problem(_ check: () throws(Misspelling) -> Void) -> String? {
        do throws(Misspelling) {
            try check()
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: ["alice", "Ålice", "a b", "a,b", String(repeating: "x", count: 256)])
    func theseAreUsers(_ text: String) {
        #expect(Self.problem { () throws(Misspelling) in try BindRules.check(user: text) } == nil)
    }

    @Test(arguments: ["", "a\0b", "a\nb", "a\rb", "a\u{2028}b", "a\u{7f}", String(repeating: "x", count: 257)])
    func theseAreNot(_ text: String) {
        #expect(Self.problem { () throws(Misspelling) in try BindRules.check(user: text) } != nil)
        #expect(Self.problem { () throws(Misspelling) in try BindRules.check(tag: text) } != nil)
        #expect(Self.problem { () throws(Misspelling) in try BindRules.check(tags: ["good", text]) } != nil)
    }

    @Test func tagsAreFewShortAndWithoutCommas() {
        let most = (0..<64).map { "t\($0)" }
        #expect(Self.problem { () throws(Misspelling) in try BindRules.check(tags: most) } == nil)
        #expect(
            Self.problem { () throws(Misspelling) in try BindRules.check(tags: most + ["one more"]) }
                == "has 65 elements. It may have 64")
        #expect(
            Self.problem { () throws(Misspelling) in try BindRules.check(tags: ["a,b"]) }
                == "has the tag \"a,b\", which contains a comma, at which the server would split it")
        let long = String(repeating: "x", count: 65)
        #expect(
            Self.problem { () throws(Misspelling) in try BindRules.check(tag: long) } == "has 65 bytes. It may have 64")
    }

    @Test(arguments: [
        ("alice", [String](), 0, 16), ("alice", ["a", "bc"], 0, 16), ("alice", ["a", "bcd"], 0, 32), ("", [], 10, 32),
    ])
    func aBodyHasThreeStringsAndWholeBlocks(user: String, tags: [String], credential: Int, size: Int) {
        #expect(BindRules.bodySize(user: user, tags: tags, credentialLength: credential) == size)
    }
}
