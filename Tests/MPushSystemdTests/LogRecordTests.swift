import MPushModel
import MPushSystemd
import Testing

@Suite struct LogRecordTests {
    @Test(arguments: [
        ("plain text, \"quoted\" \\ and ümlaut €", "plain text, \"quoted\" \\ and ümlaut €"),
        ("two\nlines\r\n\tand a tab", "two\\nlines\\r\\n\\tand a tab"),
        ("\u{1b}[31mred\u{1b}[0m\u{7}", "\\u{1b}[31mred\\u{1b}[0m\\u{7}"),
        ("nul\0 del\u{7f} csi\u{9b}2J", "nul\\u{0} del\\u{7f} csi\\u{9b}2J"),
        ("file\u{202e}gpj.exe\u{2028}next", "file\\u{202e}gpj.exe\\u{2028}next"),
        ("family 👩‍👩‍👧 flag 🇩🇪", "family 👩‍👩‍👧 flag 🇩🇪"),
    ])
    func showsWhatSteersTerminals(text: String, shown: String) {
        #expect(text.shown(atMost: 1000) == shown)
        #expect(record(text).text == shown)
        #expect(JournalField.user(text).value == shown)
    }

    @Test(arguments: 0...12)
    func keepsWithinItsLimit(limit: Int) {
        for text in ["aaaaaaaaaaaaaaaa", "éééééééé", "\u{1b}\u{1b}\u{1b}", "👩‍👩‍👧👩‍👩‍👧", "€€\n€€", "…………"] {
            let shown = text.shown(atMost: limit)
            #expect(shown.utf8.count <= limit)
            #expect(shown.isEmpty == (limit < 3) && (limit < 3 || shown.hasSuffix("…")))
        }
    }

    @Test func keepsWhatJustFits() {
        #expect("abcdef".shown(atMost: 6) == "abcdef")
        #expect("abcdef".shown(atMost: 5) == "ab…")
        #expect("é\n".shown(atMost: 4) == "é\\n")
    }

    @Test func boundsItsTextAndItsValues() {
        let long = String(repeating: "x", count: 1_000_000)
        #expect(record(long).text.utf8.count == LogRecord.longestText)
        #expect(JournalField.causeDetail(long).value.utf8.count == JournalField.longestValue)
    }

    private func record(_ text: String) -> LogRecord {
        LogRecord(level: .info, event: nil, text: text, fields: [])
    }
}
