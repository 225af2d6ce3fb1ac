/// The place of the value that is being read: what a format needs to say what is wrong there.
struct ReadingSite {
    let context: ReadingContext
    let location: SourceLocation

    /// The configuration is not taken: `message` says what is wrong and what would be right.
    func report(_ message: String) {
        context.report(ConfigurationProblem(.error, at: location, message))
    }

    /// The configuration is taken, but somebody should read `message`.
    func warn(_ message: String) {
        context.report(ConfigurationProblem(.warning, at: location, message))
    }

    /// `node` has another type than is wanted. `noun` says which that is, `example` is what to write.
    func reportType(of node: TOMLNode, wanted noun: String, example: String, isSecret: Bool = false) {
        report("\(isSecret ? "this" : node.shown) is \(node.typeName), not \(noun). Write \(example).")
    }

    /// The place of an entry of the table that stands here.
    func entry(_ entry: TOMLEntry) -> ReadingSite {
        let name = entry.key.clippedForDisplay
        return ReadingSite(
            context: context,
            location: SourceLocation(
                file: location.file, line: entry.keyPosition.line, key: location.key.map { "\($0).\(name)" } ?? name))
    }

    /// The place of element `index`, counted from 0, of the array that stands here.
    func element(_ index: Int, _ node: TOMLNode) -> ReadingSite {
        let key = location.key.map { "\($0)[\(index + 1)]" }
        return ReadingSite(
            context: context, location: SourceLocation(file: location.file, line: node.position.line, key: key))
    }
}
