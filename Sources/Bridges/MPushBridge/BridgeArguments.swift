package import MPushModel
package import MPushRouting

/// What the arguments of a bridge ask for.
package enum BridgeArguments: Equatable {
    case settings(BridgeSettings)
    case help
    case version
    /// The help for programs: the manual is made from it.
    case dumpHelp
    /// What is wrong, in words.
    case wrong(String)

    /// Reads the arguments that follow the program's name.
    package init(_ arguments: [String], of broker: BrokerKind) {
        var values = BridgeValues(of: broker)
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                self = .help
                return
            case "--version", "-V":
                self = .version
                return
            case "--dump-help":
                self = .dumpHelp
                return
            default: break
            }
            do throws(Misspelling) {
                try BridgeArguments.read(argument, &rest, into: &values)
            } catch {
                self = .wrong(error.message)
                return
            }
        }
        do throws(BridgeProblem) {
            self = .settings(try values.settings())
        } catch {
            self = .wrong(BridgeArguments.words(of: error, broker))
        }
    }

    private static func read(
        _ argument: String, _ rest: inout ArraySlice<String>, into values: inout BridgeValues
    ) throws(Misspelling) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let option = values.broker.options.first(where: { $0.key.typed == parts[0] }),
            option.value != .flag || parts.count == 1
        else { throw Misspelling("\(argument.withoutCredentials.shown(atMost: 64)): no such option") }
        guard option.value == .url(isMany: true) || !values.holds(option.key) else {
            throw Misspelling("\(option.key.typed): once only")
        }
        var text = ""
        if let noun = option.value.noun {
            text = (parts.count == 2 ? String(parts[1]) : rest.popFirst()) ?? ""
            guard !text.isEmpty else { throw Misspelling("\(option.key.typed): a \(noun) must follow") }
        }
        do throws(Misspelling) {
            try values.add(text, to: option)
        } catch {
            throw Misspelling("\(option.key.typed): \(option.complaint(of: error, in: text))")
        }
    }

    private static func words(of problem: BridgeProblem, _ broker: BrokerKind) -> String {
        let secure = broker.scheme(isEncrypted: true)
        return switch problem {
        case .missing(let key): "\(key.typed) is missing"
        case .alone(let key, let needed): "\(key.typed) needs \(needed.typed)"
        case .together(let one, let other): "\(one.typed) and \(other.typed): one of them signs in, leave the other out"
        case .forTLS(let key): "\(key.typed) is for TLS: write \(secure):// in --url"
        case .mixedTLS: "--url: some are with TLS and some without. Write \(secure):// in all of them"
        }
    }
}
