import MPushRouting
import Testing

@Suite struct RouteFilterTests {
    private let alarm = RoutedMessage.sample(
        """
        {"msgId": "1", "kind": "alarm", "place": {"room": "hall", "floor": 3, "lit": false, "height": 2.5}, "none": null, \
        "tags": ["a", 1], "kind2": "x", "kind2": "y"}
        """)

    private func accepts(_ path: [String], _ test: RouteFilter.Test) -> Bool {
        RouteFilter(fields: [RouteFilter.Field(path: path, test: test)]).accepts(alarm)
    }

    @Test func withoutConditionsEverythingIsWanted() {
        #expect(RouteFilter().accepts(alarm))
        #expect(RouteFilter().accepts(.sample([], type: nil)))
    }

    @Test func userIdentityAndTypeMustBeAmongThoseWanted() {
        #expect(RouteFilter(users: ["bob", "alice"]).accepts(alarm))
        #expect(!RouteFilter(users: ["bob"]).accepts(alarm))
        #expect(RouteFilter(identities: ["desk"]).accepts(alarm))
        #expect(!RouteFilter(identities: ["alice"]).accepts(alarm))
        #expect(RouteFilter(types: [1, 2]).accepts(alarm))
        #expect(!RouteFilter(types: [1]).accepts(alarm))
        #expect(!RouteFilter(types: [1, 2]).accepts(.sample("text", type: nil)))
    }

    @Test(arguments: [
        (["kind"], "alarm", true), (["kind"], "alar", false), (["place", "room"], "hall", true),
        (["place", "floor"], "3", true), (["place", "floor"], "3.0", false), (["place", "lit"], "false", true),
        (["place", "height"], "2.5", true), (["none"], "null", false), (["none"], "", false), (["gone"], "", false),
        (["kind", "room"], "alarm", false), (["tags"], "[\"a\",1]", true), (["tags", "0"], "a", false),
        (["kind2"], "y", true), (["kind2"], "x", false), ([], "x", false),
    ])
    func aFieldIsHeldAgainstAText(path: [String], text: String, expected: Bool) {
        #expect(accepts(path, .equals(text)) == expected)
    }

    /// A number of the configuration is held against a number of the message, however that is written.
    @Test(
        arguments: [
            ("1", .integer(1), true), ("1.0", .integer(1), true), ("1e0", .integer(1), true),
            ("10E-1", .integer(1), true),
            ("1.5", .integer(1), false), ("-0", .integer(0), true), ("12", .float(12), true),
            ("12.50", .float(12.5), true),
            ("1E5", .float(100_000), true), ("1E5", .integer(100_000), true),
            ("9223372036854775807", .integer(.max), true),
            ("9223372036854775808", .integer(.max), false),
            ("9007199254740993", .integer(9_007_199_254_740_992), false),
            ("9007199254740993.0", .integer(9_007_199_254_740_993), true),
            ("9007199254740993.0", .integer(9_007_199_254_740_992), false), ("1e400", .float(1e300), false),
            ("\"1\"", .integer(1), true), ("\"1.0\"", .integer(1), false), ("\"1.5\"", .float(1.5), true),
            ("true", .integer(1), false), ("null", .integer(0), false),
        ] as [(String, RouteFilter.Test, Bool)])
    func aNumberIsHeldAgainstANumber(value: String, test: RouteFilter.Test, expected: Bool) {
        let filter = RouteFilter(fields: [RouteFilter.Field(path: ["v"], test: test)])
        #expect(filter.accepts(.sample("{\"v\":\(value)}")) == expected)
    }

    /// A text of the configuration is no number, though it may be the text of one.
    @Test(arguments: [
        ("12.50", "12.5", false), ("12.50", "12.50", true), ("1E5", "100000.0", false), ("1E5", "1E5", true),
        ("18446744073709551615", "18446744073709551615", true), ("1e400", "1e400", true), ("1e400", "inf", false),
        ("1.0", "1", false),
    ])
    func aNumberIsHeldAgainstAText(number: String, wanted: String, expected: Bool) {
        let filter = RouteFilter(fields: [RouteFilter.Field(path: ["v"], test: .equals(wanted))])
        #expect(filter.accepts(.sample("{\"v\":\(number)}")) == expected)
    }

    @Test func aFieldIsSearchedForAPattern() throws {
        #expect(accepts(["place", "room"], .matches(try Pattern("^ha"))))
        #expect(!accepts(["place", "room"], .matches(try Pattern("^al"))))
        #expect(accepts(["place", "floor"], .matches(try Pattern("^[1-4]$"))))
        #expect(!accepts(["none"], .matches(try Pattern(""))))
    }

    @Test func everyConditionMustHold() throws {
        let content = try Pattern("\"alarm\"")
        let kind = RouteFilter.Field(path: ["kind"], test: .equals("alarm"))
        let room = RouteFilter.Field(path: ["place", "room"], test: .equals("cellar"))
        #expect(RouteFilter(types: [2], users: ["alice"], fields: [kind], content: content).accepts(alarm))
        #expect(!RouteFilter(types: [2], users: ["alice"], fields: [kind, room], content: content).accepts(alarm))
        #expect(!RouteFilter(fields: [kind], content: try Pattern("fire")).accepts(alarm))
    }

    @Test func contentThatIsNoJSONHasNoFields() {
        let filter = RouteFilter(fields: [RouteFilter.Field(path: ["kind"], test: .equals("alarm"))])
        #expect(filter.needsJSON && !RouteFilter(types: [1]).needsJSON)
        #expect(!filter.accepts(.sample("{\"kind\": \"alarm\"")))
        #expect(!filter.accepts(.sample("alarm")))
        #expect(!filter.accepts(.sample([0xFF, 0x00])))
    }
}
