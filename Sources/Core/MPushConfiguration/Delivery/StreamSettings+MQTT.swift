import MPushModel
import MPushRouting

extension StreamSettings {
    /// The program of a route with `mqtt`: of a package of its own.
    static let mqttBridge = "/usr/lib/mpushd/mpush-bridge-mqtt"
}

extension ValueFormat<[String]> {
    /// A table that says where and how a route publishes to an MQTT broker, as the arguments of the bridge.
    static var mqtt: ValueFormat {
        let example = "{ url = \"mqtts://broker.example.com\", topic = \"push/{user}\" }"
        return ValueFormat(noun: "a table", example: example) { node, site in
            guard case .table(let entries) = node.value else {
                site.reportType(of: node, wanted: "a table", example: example)
                return nil
            }
            if site.context.environment.inspect(StreamSettings.mqttBridge) == .missing {
                site.warn(
                    "\(StreamSettings.mqttBridge): no such file. Install the package mpush-bridge-mqtt: messages cannot be "
                        + "delivered until it is there.")
            }
            return MQTTTable(entries, at: site).arguments(example: example)
        }
    }
}

/// What stands in the table, read entry by entry.
private struct MQTTTable {
    private var values: [String: String] = [:]
    private var retains = false
    private var isGood = true
    private var isEncrypted = true
    private let site: ReadingSite

    private static let keys = [
        "url", "topic", "user", "password_file", "authority", "certificate", "key", "client_id", "protocol", "retain",
    ]

    init(_ entries: [TOMLEntry], at site: ReadingSite) {
        self.site = site
        for entry in entries.sorted(by: { $0.keyPosition < $1.keyPosition }) { read(entry, site.entry(entry)) }
    }

    private mutating func read(_ entry: TOMLEntry, _ place: ReadingSite) {
        guard MQTTTable.keys.contains(entry.key) else {
            return fail(place, "is not a key of mqtt. There are \(MQTTTable.keys.joined(separator: ", ")).")
        }
        if entry.key == "retain" {
            guard case .boolean(let truth) = entry.node.value else {
                place.reportType(of: entry.node, wanted: "true or false", example: "true")
                isGood = false
                return
            }
            retains = truth
            return
        }
        guard case .string(let text) = entry.node.value else {
            place.reportType(of: entry.node, wanted: "a string", example: "\"…\"")
            isGood = false
            return
        }
        do throws(Misspelling) {
            values[entry.key] = try value(entry.key, text, place)
        } catch {
            fail(place, "\(text.quoted) \(error.message).")
        }
    }

    /// As the program is given it.
    private mutating func value(_ key: String, _ text: String, _ place: ReadingSite) throws(Misspelling) -> String {
        if text.isEmpty || text.isUnprintable || text.utf8.count > 4095 { throw Misspelling("cannot stand here") }
        switch key {
        case "url":
            let url = try BrokerURL(mqtt: text)
            isEncrypted = url.isEncrypted
            return url.description
        case "topic":
            do throws(TopicError) {
                return try TopicTemplate(text).source
            } catch {
                throw Misspelling("\(error)")
            }
        case "protocol":
            guard text == "5" || text == "3.1.1" else {
                throw Misspelling("is not a version. Write \"5\" or \"3.1.1\"")
            }
            return text
        case "password_file", "authority", "certificate", "key":
            let path = try PathSyntax.resolve(text, in: place.context.environment)
            if let complaint = place.context.environment.inspect(path).complaint {
                throw Misspelling("names a file: \(complaint)")
            }
            return path
        default: return text
        }
    }

    private mutating func fail(_ place: ReadingSite, _ words: String) {
        place.report(words)
        isGood = false
    }

    /// Nil where something is missing or wrong, which is reported.
    func arguments(example: String) -> [String]? {
        guard isGood else { return nil }
        for key in ["url", "topic"] where values[key] == nil {
            site.report("has no \(key). Write \(example).")
            return nil
        }
        for (key, needed) in [("certificate", "key"), ("key", "certificate"), ("password_file", "user")]
        where values[key] != nil && values[needed] == nil {
            site.report("has \(key) without \(needed). Write both.")
            return nil
        }
        for key in ["authority", "certificate", "key"] where values[key] != nil && !isEncrypted {
            site.report("has \(key), which is for TLS. Write mqtts:// in url.")
            return nil
        }
        let options = MQTTTable.keys.compactMap { key in
            values[key].map { "--\(key.replacing("_", with: "-"))=\($0)" }
        }
        return options + (retains ? ["--retain"] : [])
    }
}
