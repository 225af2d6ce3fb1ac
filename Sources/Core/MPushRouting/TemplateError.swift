/// Why an argument of a program cannot be what it is written as, or what a message would make of it. Positions count
/// characters from 1.
package enum TemplateError: Error, Equatable, Sendable {
    /// No placeholder is called so.
    case unknownPlaceholder(String, at: Int)
    /// `{json:}` names no field, or one with an empty part.
    case badField(String, at: Int)
    /// A brace is opened and not closed.
    case openBrace(at: Int)
    /// A brace is closed that was not opened.
    case strayBrace(at: Int)
    /// A placeholder stands where it would name an option: `--{content}`.
    case optionName(at: Int)
    /// What comes of it, alone or together with the other arguments, has more bytes than this, which no program can be
    /// given.
    case tooLong(Int)

    /// The names of all placeholders, as they are written.
    package static let placeholders = ArgumentPlaceholder.byName.map { "{\($0.key)}" } + ["{json:field}"]

    /// Where in the template, from 1; nil where a message is to blame.
    package var position: Int? {
        switch self {
        case .unknownPlaceholder(_, let position), .badField(_, let position), .openBrace(let position),
            .strayBrace(let position), .optionName(let position):
            position
        case .tooLong: nil
        }
    }
}

extension TemplateError: CustomStringConvertible {
    /// Words that read on from the argument, and say what would be right.
    package var description: String {
        switch self {
        case .unknownPlaceholder(let name, let position):
            "has no such placeholder as {\(name)}, at character \(position). There are "
                + TemplateError.placeholders.joined(separator: ", ") + ". A brace that is meant as one is written twice"
        case .badField(let name, let position):
            "names no field with {\(name)}, at character \(position). Write {json:field} or {json:outer.inner}"
        case .openBrace(let position):
            "opens a brace at character \(position) that is not closed. A brace that is meant as one is written twice: {{"
        case .strayBrace(let position):
            "closes a brace at character \(position) that is not open. A brace that is meant as one is written twice: }}"
        case .optionName(let position):
            "lets a message choose the option, with its placeholder at character \(position). "
                + "Write \"--name={content}\", or the option and the placeholder as two arguments"
        case .tooLong(let bytes):
            "comes to more than \(bytes) bytes, the most that a program can be given. "
                + "Use standard input, which has the content"
        }
    }
}
