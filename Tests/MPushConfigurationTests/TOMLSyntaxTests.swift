import MPushConfiguration
import Testing

@Suite struct TOMLSyntaxTests {
    @Test(arguments: [
        ("a = 5 minutes", "1:7: not TOML: key-value pair: expected a comment or whitespace, saw 'm'."),
        (
            "a = 5m",
            "1:6: not TOML: decimal integer: expected digit, saw 'm'. Write durations and sizes in "
                + "quotes: \"30s\", \"1MiB\"."
        ),
        (
            "\na = yes",
            "2:5: not TOML: value: could not determine value type. Write texts, durations and sizes in quotes: \"30s\"."
        ),
        ("a = 1\na = 2", "2:5: not TOML: key-value pair: cannot redefine existing integer 'a'."),
        (
            "a = é",
            "1:5: not TOML: value: could not determine value type. Write texts, durations and sizes in quotes: \"30s\"."
        ),
        ("[ =]", "1:3: not TOML: key: expected bare key starting character or string delimiter, saw '='."),
        ("a = \"x", "1:7: not TOML: string: encountered end-of-file."),
        ("a\u{0} = 1", "1:2: not TOML: key-value pair: expected '=', saw '\\u0000'."),
    ])
    func aSyntaxErrorSaysWhere(text: String, message: String) {
        #expect(errors(text) == "mpushd.toml:\(message)")
    }

    @Test(
        arguments: [
            ([0xFF], 1), ([0x0A, 0x23, 0xC3], 2), ([0x0A, 0x0A, 0xC3, 0x0A, 0xA4], 3), ([0xED, 0xA0, 0x80], 1),
            ([0xC0, 0x80], 1),
        ] as [([UInt8], Int)])
    func textThatIsNotUTF8IsAnError(bytes: [UInt8], line: Int) {
        #expect {
            _ = try Configuration.parse(bytes, named: fileName, in: FakeEnvironment())
        } throws: { error in
            "\(error)" == "mpushd.toml:\(line):1: not TOML: this line is not UTF-8. Save the file as UTF-8."
        }
    }

    /// toml++ alone calls most of these letters unreachable where it looks for white space.
    @Test func lettersBeyondASCIIMayFollowALineThatIsContinued() throws {
        for letter in ["é", "¡", "Ж", "\u{499}", "か", "\u{3001}", "😀"] {
            let text = minimal.replacing("\"alice\"", with: "\"\"\"\\\n\(letter)\"\"\"")
            #expect(try parse(text).identities.first?.user == letter)
            #expect(errors("a = \(letter)").hasPrefix("mpushd.toml:1:5: not TOML: value"))
            #expect(errors("\(letter) = 1").hasPrefix("mpushd.toml:1:1: not TOML: root table"))
        }
    }

    @Test func aTextBeyondOneMebibyteIsNotRead() throws {
        let padding = String(repeating: "#", count: (1 << 20) - minimal.utf8.count)
        #expect(try parse(minimal + padding) == parse(minimal))
        #expect(errors(minimal + padding + "#").hasSuffix("longer than 1 MiB, the limit for a configuration."))
    }

    @Test func deepArraysAreRefused() {
        #expect(errors("a = " + String(repeating: "[", count: 500_000)).contains("maximum nested value depth of 8"))
        #expect(errors("a = " + String(repeating: "{a=", count: 300_000)).contains("maximum nested value depth of 8"))
    }

    /// toml++ alone overflows its stack on each of these.
    @Test(arguments: [
        "a" + String(repeating: ".a", count: 500_000) + " = 1", "[a" + String(repeating: ".a", count: 500_000) + "]",
        "x = 1\n\n" + "'a'" + String(repeating: " . \"a\"", count: 100_000) + " = 1",
        "x = {y = \"\"\"\n# \"\"\", a" + String(repeating: ".a", count: 400_000) + " = 1}",
        "x = \"\\\\\"\ny = {a = '''\n'''''," + String(repeating: "a.", count: 400_000) + " = 1}",
        "\"#\"" + String(repeating: ".a", count: 400_000) + " = 1",
    ])
    func deepKeysAreRefused(text: String) {
        #expect(errors(text).hasSuffix("more than 64 dots outside of quotes, more than any key has."))
    }

    @Test func dotsInStringsAndCommentsAreAsManyAsOneLikes() throws {
        let dots = String(repeating: ".", count: 100)
        let text = #"""
            # \#(dots)
            [client] # \#(dots)
            os_version = "1" # " \#(dots)
            client_version = '"' # \#(dots)
            [server]
            endpoints = ["192.0.2.1:80", "192.0.2.2:80", "192.0.2.3:80", '192.0.2.4:80', """
            192.0.2.5:80""", '''192.0.2.6:80'''] # \#(dots)
            public_key = "/\\\#(dots)\"" # "\#(dots)
            [identity]
            user = """
            \#(dots) "" \#(dots)""""" # \#(dots)
            """#
        let configuration = try parse(text)
        #expect(configuration.server.endpoints.count == 6)
        #expect(configuration.identities.first?.user == "\(dots) \"\" \(dots)\"\"")
    }
}
