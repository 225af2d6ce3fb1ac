import MPushSimulator
import Testing

@Suite struct DemoLogLineTests {
    @Test(arguments: [
        ("2026-11-22T13:37:13.115Z info mpushd 0.1.0 started", DemoLogLine.Level.info, "mpushd 0.1.0 started"),
        ("2026-11-22T13:37:13.115Z warning connection  lost", .warning, "connection  lost"),
        ("2026-11-22T13:37:13.115Z loud hello", nil, "2026-11-22T13:37:13.115Z loud hello"),
        ("Fatal error: oh no", nil, "Fatal error: oh no"), ("", nil, ""),
    ])
    func tellsLevelFromText(line: String, level: DemoLogLine.Level?, text: String) {
        #expect(DemoLogLine(line).level == level)
        #expect(DemoLogLine(line).text == text)
    }
}
