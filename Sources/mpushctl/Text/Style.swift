/// Puts colours around texts, or does not.
struct Style {
    let isColoured: Bool

    func good(_ text: String) -> String { paint("32", text) }
    func poor(_ text: String) -> String { paint("33", text) }
    func bad(_ text: String) -> String { paint("31", text) }
    func faint(_ text: String) -> String { paint("2", text) }
    func strong(_ text: String) -> String { paint("1", text) }

    private func paint(_ code: String, _ text: String) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
