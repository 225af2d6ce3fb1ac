extension Array<ArgumentTemplate> {
    /// All arguments of one program together, in bytes: half of what Linux lets arguments and environment have (execve(2)).
    package static let longestList = 1 << 20

    /// Whether expanding looks at `RoutedMessage.json`.
    package var needsJSON: Bool { contains(where: \.needsJSON) }

    /// Each argument for a message, as `ArgumentTemplate.expanded` makes it; all together they are bounded too.
    package func expanded(_ message: RoutedMessage, route: String, attempt: Int) throws(TemplateError) -> [[UInt8]] {
        var arguments: [[UInt8]] = []
        var length = 0
        for template in self {
            let argument = try template.expanded(message, route: route, attempt: attempt)
            length += argument.count + 1
            guard length <= Self.longestList else { throw .tooLong(Self.longestList) }
            arguments.append(argument)
        }
        return arguments
    }
}
