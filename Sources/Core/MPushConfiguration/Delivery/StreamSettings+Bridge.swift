import MPushModel
import MPushRouting

extension StreamSettings {
    /// The program of a route to a broker: of a package of its own.
    static func bridge(to broker: BrokerKind) -> String { "/usr/lib/mpushd/\(broker.program)" }
}

extension ValueFormat<[String]> {
    /// A table that says where and how a route publishes to a broker, as the arguments of its bridge.
    static func bridge(to broker: BrokerKind) -> ValueFormat {
        ValueFormat(noun: "a table", example: broker.example) { node, site in
            guard case .table(let entries) = node.value else {
                site.reportType(of: node, wanted: "a table", example: broker.example)
                return nil
            }
            let program = StreamSettings.bridge(to: broker)
            if site.context.environment.inspect(program) == .missing {
                site.warn(
                    "\(program): no such file. Install the package \(broker.program): messages cannot be "
                        + "delivered until it is there.")
            }
            return BridgeTable(entries, of: broker, at: site).arguments
        }
    }
}

/// What stands in the table, read entry by entry.
private struct BridgeTable {
    private var values: BridgeValues
    private var isGood = true
    private let site: ReadingSite

    init(_ entries: [TOMLEntry], of broker: BrokerKind, at site: ReadingSite) {
        (self.site, values) = (site, BridgeValues(of: broker))
        for entry in entries.sorted(by: { $0.keyPosition < $1.keyPosition }) { read(entry, site.entry(entry)) }
    }

    private mutating func read(_ entry: TOMLEntry, _ place: ReadingSite) {
        let options = values.broker.options
        guard let option = options.first(where: { $0.key.entry == entry.key }) else {
            let known = options.map(\.key.entry).joined(separator: ", ")
            return fail(place, "is not a key of \(values.broker.rawValue). There are \(known).")
        }
        switch (option.value, entry.node.value) {
        case (.flag, .boolean(let truth)): if truth { add("", to: option, place) }
        case (.flag, _): failType(place, entry.node, "true or false", "true")
        case (.url(isMany: true), .array(let nodes)):
            if nodes.isEmpty { fail(place, "is empty. Write \(values.broker.example).") }
            for (index, node) in nodes.enumerated() { readText(node, option, place.element(index, node)) }
        default: readText(entry.node, option, place)
        }
    }

    private mutating func readText(_ node: TOMLNode, _ option: BridgeOption, _ place: ReadingSite) {
        guard case .string(let text) = node.value else { return failType(place, node, "a string", "\"…\"") }
        add(text, to: option, place)
    }

    private mutating func add(_ text: String, to option: BridgeOption, _ place: ReadingSite) {
        do throws(Misspelling) {
            try values.add(option.value == .file ? try file(text, place) : text, to: option)
        } catch {
            fail(place, "\(option.complaint(of: error, in: text)).")
        }
    }

    private func file(_ text: String, _ place: ReadingSite) throws(Misspelling) -> String {
        let path = try PathSyntax.resolve(text, in: place.context.environment)
        if let complaint = place.context.environment.inspect(path).complaint {
            throw Misspelling("names a file: \(complaint)")
        }
        return path
    }

    private mutating func fail(_ place: ReadingSite, _ words: String) {
        place.report(words)
        isGood = false
    }

    private mutating func failType(_ place: ReadingSite, _ node: TOMLNode, _ noun: String, _ example: String) {
        place.reportType(of: node, wanted: noun, example: example)
        isGood = false
    }

    /// Nil where something is missing or wrong, which is reported.
    var arguments: [String]? {
        guard isGood else { return nil }
        do throws(BridgeProblem) {
            _ = try values.settings()
            return values.arguments
        } catch {
            site.report(words(of: error))
            return nil
        }
    }

    private func words(of problem: BridgeProblem) -> String {
        let broker = values.broker
        return switch problem {
        case .missing(let key): "has no \(key.entry). Write \(broker.example)."
        case .alone(let key, let needed): "has \(key.entry) without \(needed.entry). Write both."
        case .together(let one, let other):
            "has \(one.entry) and \(other.entry). One of them signs in: leave the other out."
        case .forTLS(let key):
            "has \(key.entry), which is for TLS. Write \(broker.scheme(isEncrypted: true)):// in url."
        case .mixedTLS: "has urls with TLS and without. Write \(broker.scheme(isEncrypted: true)):// in all of them."
        }
    }
}
