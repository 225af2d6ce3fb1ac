import Testing

@testable import mpushctl

/// The words of a command line before they are parsed.
@Suite struct CommandWordsTests {
    private func words(_ line: String) -> CommandWords {
        CommandWords(line.split(separator: " ").map(String.init), of: ControlProgram.self)
    }

    @Test(arguments: [
        ("--socket /s status", "status --socket /s"), ("--socket=/s --json status", "status --socket=/s --json"),
        ("--json dead-letters list --route a", "dead-letters list --json --route a"),
        ("--instance berlin push -- --json", "push --instance berlin -- --json"), ("status --json", "status --json"),
        ("--json", "--json"), ("--socket", "--socket"), ("--help", "--help"), ("help status", "help status"),
        ("routes --socket /s pause hook", "routes pause --socket /s hook"),
        ("--json routes -o wide list", "routes list --json -o wide"), ("-o json status", "status -o json"),
        ("--socket /s", "--socket /s"), ("--version status", "--version status"),
    ])
    func whatHoldsForAllMayStandInFront(line: String, arranged: String) {
        #expect(words(line).complaint == nil)
        #expect(words(line).arranged.joined(separator: " ") == arranged)
    }

    @Test(arguments: [
        ("stauts", "There is no command \"stauts\". Did you mean \"status\"?"),
        ("--json satus", "There is no command \"satus\". Did you mean \"status\"?"),
        ("deadletters list", "There is no command \"deadletters\". Did you mean \"dead-letters\"?"),
        ("consumers lst", "There is no command \"consumers lst\". Did you mean \"list\"?"),
        ("consumers drop", "There is no command \"consumers drop\". There are: list, remove."),
    ])
    func aMistypedNameIsAnsweredWithTheRightOne(line: String, complaint: String) {
        #expect(words(line).complaint == complaint)
    }

    @Test func whatIsNotNearIsNotGuessed() {
        #expect(words("frobnicate").complaint?.contains("There are: status, health, messages, ") == true)
        #expect(words(String(repeating: "x", count: 10_000)).complaint.map { $0.utf8.count < 400 } == true)
    }

    @Test func distancesAreThoseOfTyping() {
        #expect(CommandWords.distance("", "abc") == 3 && CommandWords.distance("abc", "abc") == 0)
        #expect(CommandWords.distance("stauts", "status") == 1 && CommandWords.distance("kitten", "sitting") == 3)
    }
}
