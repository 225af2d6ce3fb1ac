import Foundation
import MPushManual
import MPushModel
import MPushTestSupport
import Testing

/// The commands in the documents are those that the programs have. The lines of whole blocks are run besides, as they stand,
/// by Tests/Package/documents.sh.
@Suite struct DocumentCommandTests {
    /// Every block says what it is; those that are commands are run.
    @Test(arguments: try Documents.all())
    func everyBlockSaysWhatItIs(document: String) throws {
        for block in try Documents.blocks(of: document) {
            let first = block.lines.first ?? ""
            #expect(["sh", "toml", "text", "python"].contains(block.language), "\(document): \(first)")
            guard block.language == "text" else { continue }
            for line in block.lines {
                #expect(
                    line.firstMatch(of: #/^ *(sudo|curl|make|systemctl|journalctl) /#) == nil, "\(document): \(line)")
            }
        }
    }

    @Test func everyDocumentWithCommandsIsRun() throws {
        let script = try Documents.text("Tests/Package/documents.sh")
        var count = 0
        for document in try Documents.all() {
            guard try Documents.blocks(of: document).contains(where: { $0.language == "sh" }) else { continue }
            count += 1
            #expect(
                script.contains("run_document \(document)\n"), "\(document) has commands that documents.sh does not run"
            )
        }
        #expect(count >= 6)
    }

    /// Between backquotes: `mpushctl dead-letters list`, also with options and operands.
    @Test func everyQuotedCommandIsThere() throws {
        var count = 0
        let programs = try Dictionary(
            uniqueKeysWithValues: ManualTests.commandPages.map { ($0.program, try $0.help()) })
        for document in try Documents.all() {
            for quoted in try Documents.quoted(in: document) {
                let words = quoted.split(separator: " ").map(String.init)
                guard words.count > 1, let program = programs[words[0]] else { continue }
                count += 1
                let fault = Self.fault(in: Array(words.dropFirst()), of: program)
                #expect(fault == nil, "\(document): `\(quoted)`: \(fault ?? "")")
            }
        }
        #expect(count >= 25)
    }

    @Test(arguments: [
        ("status --watch", nil), ("dead-letters list", nil), ("--version", nil), ("stauts", "stauts"),
        ("dead-letters lost", "lost"), ("status --wait", "--wait"), ("follow --consumer till", nil),
    ])
    func aCommandThatIsNotThereIsSeen(line: String, word: String?) throws {
        let program = try ManualTests.commandPages[1].help()
        #expect(Self.fault(in: line.split(separator: " ").map(String.init), of: program) == word)
    }

    /// The first word that `command` does not have.
    private static func fault(in words: [String], of command: CommandHelp) -> String? {
        var command = command
        var known: Set = ["--help", "--version"]
        for word in words {
            known.formUnion(command.arguments.flatMap(\.names))
            if word.hasPrefix("-") {
                if !known.contains(word.split(separator: "=").first.map(String.init) ?? word) { return word }
            } else if !command.commands.isEmpty {
                guard let next = command.commands.first(where: { $0.name == word }) else { return word }
                command = next
            }
        }
        return nil
    }

    @Test func everyCauseIsExplained() throws {
        let rows = try Documents.text("docs/causes.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        let explained = rows.flatMap { row in
            row.split(separator: "|")[0].matches(of: /`([a-z-]+)`/).map { String($0.1) }
        }
        #expect(explained.sorted() == LossCause.allCodes.sorted())
    }

    @Test func theMetricsSpeakForThemselves() throws {
        #expect(
            try Documents.text("docs/metrics.md") == MetricsPage().text,
            "docs/metrics.md is not what the metrics say of themselves any more: run `make documents`")
        #expect(try BuiltProgram.run("mpush-manual", ["metrics"]).output == MetricsPage().text)
    }
}
