import Foundation

/// The documents for users and developers: README.md and docs.
enum Documents {
    /// Their paths in the project.
    static func all() throws -> [String] {
        let folder = try FileManager.default.contentsOfDirectory(
            atPath: ManualTests.project.appending(path: "docs").path)
        return ["README.md"] + folder.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: ManualTests.project.appending(path: path), encoding: .utf8)
    }

    /// A fenced block.
    struct Block {
        let language: String
        let lines: [Substring]
    }

    static func blocks(of path: String) throws -> [Block] {
        var blocks: [Block] = []
        var lines: [Substring]?
        var language = ""
        for line in try text(path).split(separator: "\n", omittingEmptySubsequences: false) {
            let content = line.drop { $0 == " " }
            if content.hasPrefix("```") {
                if let open = lines { blocks.append(Block(language: language, lines: open)) }
                lines = lines == nil ? [] : nil
                language = String(content.dropFirst(3))
            } else {
                lines?.append(line)
            }
        }
        return blocks
    }

    /// What stands between backquotes in the text, blocks apart.
    static func quoted(in path: String) throws -> [String] {
        let pieces = try text(path).split(separator: "```", omittingEmptySubsequences: false)
        return pieces.enumerated().filter { $0.offset % 2 == 0 }.flatMap { piece in
            piece.element.replacing("\n", with: " ").matches(of: /`([^`]+)`/).map { String($0.1) }
        }
    }
}
