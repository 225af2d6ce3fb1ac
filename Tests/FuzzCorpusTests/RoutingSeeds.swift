/// Regular expressions, arguments, fields and contents.
enum RoutingSeeds {
    static func all() -> [Seed] {
        written.map { name, parts in
            Seed(name: name, bytes: Array("\(parts.pattern)\n\(parts.argument)\n\(parts.field)\n\(parts.content)".utf8))
        }
    }

    private static let object =
        "{\"msgId\":\"a1\",\"msgType\":3,\"content\":\"x\\u00e4\\n\",\"in\":{\"ner\":[1,-2.5e3,true,null]}}"

    private static let written: [String: (pattern: String, argument: String, field: String, content: String)] = [
        "everything": ("(?i)MSGID", "--t={json:in.ner} {{{content}}}", "in.ner", object),
        "surrogates": ("\\x{1F6A8}", "{json:a}", "a", "{\"a\":\"\\ud83d\\udea8\\ud83d\"}"),
        "option": (".", "{content}", "", "--help"),
        "all-placeholders": (
            "^", "{id}{type}{user}{identity}{received}{route}{attempt}{json:a.b}", "a.b", "{\"a\":{\"b\":{}}}"
        ),
        "runaway": ("(a+)+$|(?=(a*)\\1b)|(?R)?c", "{contnt}", "a..b", String(repeating: "a", count: 200) + "!"),
        "numbers": ("[0-9]{2,}", "{json:n}", "n", "{\"n\":[9223372036854775808,-0,1e308,0.1E-7]}"),
        "deep": ("", "{", "a", String(repeating: "[", count: 65)),
        "classes": ("(*UCP)[[:alpha:]\\p{L}\\d]++(?<n>x)?\\k<n>", "}", "", "äß9"),
    ]
}
