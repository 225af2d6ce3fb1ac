import MPushConfiguration
import MPushModel
import Testing

@Suite struct DurationSpellingTests {
    @Test(arguments: [
        ("0s", Duration.zero), ("30s", .seconds(30)), ("1.5s", .milliseconds(1500)), ("250ms", .milliseconds(250)),
        ("0.001s", .milliseconds(1)), ("0.5ms", .microseconds(500)), ("5m", .seconds(300)), ("5min", .seconds(300)),
        ("2h", .seconds(7200)), ("1d", .seconds(86_400)), ("1h30m", .seconds(5400)),
        ("1d2h3m4s5ms", .milliseconds(93_784_005)),
        ("007s", .seconds(7)), ("100000d", .seconds(8_640_000_000)),
    ])
    func isRead(text: String, duration: Duration) throws {
        #expect(try Duration(parsing: text) == duration)
    }

    @Test(arguments: [
        ("5 minutes", "is not a duration. Write 300s or 5m"), ("30 s", "is not a duration. Write 30s"),
        ("1h 30m", "is not a duration. Write 5400s or 1h30m"), ("30S", "is not a duration. Write 30s"),
        ("1 Hour", "is not a duration. Write 3600s or 1h"), ("30m1h", "is not a duration. Write 5400s or 1h30m"),
        ("1m1m", "is not a duration. Write 120s or 2m"), ("1500 msec", "is not a duration. Write 1s500ms"),
        ("30", "has no unit. Write 30s"), ("90", "has no unit. Write 90s or 1m30s"),
    ])
    func isCorrected(text: String, message: String) {
        #expect(throws: Misspelling(message)) { try Duration(parsing: text) }
    }

    @Test(arguments: [
        "", " ", "s", "-1s", "+1s", ".5s", "1.s", "1.2345s", "1,5s", "1e3s", "1w", "1y", "30s ", "soon", "0x10s", "１s",
        "1s!",
        "9223372036854775807d", "99999999999999999999999s", "9223372036855d", "30\u{0}s", "1s1", "NaN",
        "1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h",
    ])
    func isRefused(text: String) {
        #expect(throws: Misspelling.self) { try Duration(parsing: text) }
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.milliseconds(1), "1ms"), (.seconds(60), "1m"), (.seconds(90), "1m30s"),
        (.milliseconds(1500), "1s500ms"), (.seconds(86_400), "1d"), (.seconds(180), "3m"),
    ])
    func isSpelledAsItIsRead(duration: Duration, text: String) throws {
        #expect(duration.spelled == text)
        #expect(try Duration(parsing: text) == duration)
    }
}
