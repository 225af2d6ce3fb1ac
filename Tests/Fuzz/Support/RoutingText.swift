import MPushJSON
import MPushRouting

/// The fuzzer's input for what routes do with a message: a line with a regular expression, a line with an argument, a line
/// with the name of a field, and all that follows as the message's content.
package enum RoutingText {
    /// What became of an input.
    package struct Summary {
        /// The regular expression is one, and is found.
        package var isFound = false
        /// The argument is one, and was expanded.
        package var isExpanded = false
        /// The content is JSON.
        package var isJSON = false
        /// The field is there.
        package var hasField = false
    }

    /// Takes `input` in.
    ///
    /// - Throws: What came of it that must never come of anything.
    @discardableResult
    package static func run(_ input: [UInt8]) throws(InvariantViolation) -> Summary {
        let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
        func text(_ index: Int) -> String { index < lines.count ? String(decoding: lines[index], as: UTF8.self) : "" }
        let content = lines.count > 3 ? Array(lines[3]) : []
        let message = RoutedMessage(
            id: "id", identity: "desk", user: "alice", type: 1, received: "2026-11-24T18:00:00Z", content: content,
            needsJSON: true)
        var summary = Summary()
        summary.isJSON = try checkJSON(content)
        summary.isFound = try checkPattern(text(0), message)
        summary.isExpanded = try checkTemplate(text(1), message)
        let path = text(2).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        summary.hasField = message.json?.text(at: path) != nil
        return summary
    }

    /// JSON that was read is written so that it is read as the same.
    private static func checkJSON(_ content: [UInt8]) throws(InvariantViolation) -> Bool {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(content)
        } catch {
            try require((0...content.count).contains(error.offset), "an error of JSON at byte \(error.offset)")
            try require(!error.message.isEmpty, "an error of JSON without words")
            return false
        }
        let again = try? JSONParser.parse(value.text)
        try require(again == value, "\(value.text) is read as another value")
        return true
    }

    private static func checkPattern(_ source: String, _ message: RoutedMessage) throws(InvariantViolation) -> Bool {
        let pattern: Pattern
        do throws(PatternError) {
            pattern = try Pattern(source)
        } catch {
            try require((0...source.utf8.count).contains(error.offset), "an error of a pattern at byte \(error.offset)")
            try require(!error.message.isEmpty, "an error of a pattern without words")
            return false
        }
        let found = pattern.isFound(in: message.content)
        try require(
            RouteFilter(content: pattern).accepts(message) == found, "a filter does not do what its pattern does")
        return found
    }

    /// One argument of a bounded length without NUL, which is no option unless it was written as one.
    private static func checkTemplate(_ source: String, _ message: RoutedMessage) throws(InvariantViolation) -> Bool {
        let template: ArgumentTemplate
        do throws(TemplateError) {
            template = try ArgumentTemplate(source)
        } catch {
            let position = error.position ?? 0
            try require((1...max(1, source.unicodeScalars.count)).contains(position), "an error at character \(position)")
            return false
        }
        guard let argument = try? template.expanded(message, route: "r", attempt: 1) else { return false }
        try require(argument.count <= ArgumentTemplate.longestArgument, "an argument of \(argument.count) bytes")
        try require(source.utf8.contains(0) || !argument.contains(0), "an argument with a NUL")
        try require(argument.first != UInt8(ascii: "-") || source.hasPrefix("-"), "\(source) becomes an option")
        return true
    }
}
