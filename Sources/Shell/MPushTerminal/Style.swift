/// Puts colours around texts, or does not.
package struct Style: Sendable {
    package let isColoured: Bool

    package init(isColoured: Bool) {
        self.isColoured = isColoured
    }

    package func good(_ text: String) -> String { paint("32", text) }
    package func poor(_ text: String) -> String { paint("33", text) }
    package func bad(_ text: String) -> String { paint("31", text) }
    package func faint(_ text: String) -> String { paint("2", text) }
    package func strong(_ text: String) -> String { paint("1", text) }

    private func paint(_ code: String, _ text: String) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
