import MPushModel

/// One part of a report, redacted.
struct ReportSection {
    let title: String
    let text: String
    /// Why it is not whole, or not there; nil where it is.
    let shortfall: String?

    init(_ title: String, _ text: String, shortfall: String? = nil) {
        self.title = title
        self.text = text
        self.shortfall = shortfall.map { Redaction.text($0) }
    }
}

/// A report as a text, and as a page that needs nothing else.
enum ReportText {
    static let promise =
        "Secrets, contents of messages, and everything after the host in URLs are withheld. Read it before you send it on."

    static func plain(_ sections: [ReportSection], heading: String) -> String {
        let parts = sections.map { section in
            let shortfall = section.shortfall.map { "(not whole: \($0))\n" } ?? ""
            return "==== \(section.title) ====\n\(shortfall)\(visible(section.text))\n"
        }
        return ([heading, promise, ""] + parts).joined(separator: "\n")
    }

    static func html(_ sections: [ReportSection], heading: String) -> String {
        let parts = sections.enumerated().map { index, section in
            let shortfall = section.shortfall.map { "<p class=\"short\">Not whole: \(escaped($0))</p>" } ?? ""
            return """
                <details\(index < 3 ? " open" : "")><summary>\(escaped(section.title))</summary>\(shortfall)
                <pre>\(escaped(section.text))</pre></details>
                """
        }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(escaped(heading))</title>
            <style>
            body { font: 16px/1.5 sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
            pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; background: #8881; padding: 1rem; }
            summary { font-weight: bold; cursor: pointer; }
            .short { color: #b00; }
            </style></head><body>
            <h1>\(escaped(heading))</h1>
            <p>\(promise)</p>
            \(parts.joined(separator: "\n"))
            </body></html>

            """
    }

    private static func escaped(_ text: String) -> String {
        visible(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    /// Control characters do nothing to whoever reads it.
    private static func visible(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 32 && $0 != "\n" && $0 != "\t" ? "\u{FFFD}" : Character($0) })
    }
}
