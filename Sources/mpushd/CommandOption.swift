/// An option of a command, as it is read, shown and written into the manual.
struct CommandOption: Equatable {
    /// Without the hyphens: `config`.
    let name: String
    /// The one letter that may stand for it: `c`.
    var letter: Character?
    /// What its value is called: `file`. nil where it has none.
    var value: String?
    let help: String

    /// As it is typed: `--config`.
    var typed: String { "--" + name }

    /// As the help shows it: `--config FILE, -c FILE`.
    var shown: String {
        let value = value.map { " " + $0.uppercased() } ?? ""
        return typed + value + (letter.map { ", -\($0)\(value)" } ?? "")
    }
}
