import MPushModel
import MPushRouting

/// Where messages go, and how.
struct BridgeSettings: Equatable {
    var url: BrokerURL
    var topic: TopicTemplate
    var user: String?
    var passwordFile: String?
    var authority: String?
    var certificate: String?
    var key: String?
    var clientID: String?
    /// Nil for the newest that the broker speaks.
    var version: MQTTVersion?
    var retains = false
}

/// A version of MQTT.
enum MQTTVersion: String {
    case mqtt5 = "5"
    case mqtt311 = "3.1.1"
}

/// What the arguments ask for.
enum BridgeArguments: Equatable {
    case settings(BridgeSettings)
    case help
    case version
    /// The help for programs: the manual is made from it.
    case dumpHelp
    /// What is wrong, in words.
    case wrong(String)

    /// Reads the arguments that follow the program's name.
    init(_ arguments: [String]) {
        var values: [BridgeOption: String] = [:]
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
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let option = BridgeOption.allCases.first(where: { $0.typed == parts[0] }),
                option.value != nil || parts.count == 1
            else {
                self = .wrong("\(argument.shown(atMost: 64)): no such option")
                return
            }
            var value = ""
            if let wanted = option.value {
                value = (parts.count == 2 ? String(parts[1]) : rest.popFirst()) ?? ""
                guard !value.isEmpty else {
                    self = .wrong("\(option.typed): a \(wanted) must follow")
                    return
                }
            }
            guard values.updateValue(value, forKey: option) == nil else {
                self = .wrong("\(option.typed): once only")
                return
            }
        }
        do throws(Misspelling) {
            self = .settings(try BridgeArguments.settings(values))
        } catch {
            self = .wrong(error.message)
        }
    }

    private static func settings(_ values: [BridgeOption: String]) throws(Misspelling) -> BridgeSettings {
        guard let place = values[.url] else { throw Misspelling("--url is missing: --url mqtts://broker.example") }
        guard let source = values[.topic] else { throw Misspelling("--topic is missing: --topic push/{user}") }
        let url: BrokerURL
        do throws(Misspelling) {
            url = try BrokerURL(mqtt: place)
        } catch {
            throw Misspelling("--url: \(place.quoted) \(error.message)")
        }
        let topic: TopicTemplate
        do throws(TopicError) {
            topic = try TopicTemplate(source)
        } catch {
            throw Misspelling("--topic: \(source.quoted) \(error)")
        }
        var version: MQTTVersion?
        if let text = values[.protocolVersion] {
            version = MQTTVersion(rawValue: text)
            guard version != nil else { throw Misspelling("--protocol: \(text.quoted) is not 5 or 3.1.1") }
        }
        for (option, needed) in [
            (BridgeOption.certificate, BridgeOption.key), (.key, .certificate), (.passwordFile, .user),
        ]
        where values[option] != nil && values[needed] == nil {
            throw Misspelling("\(option.typed) needs \(needed.typed)")
        }
        if !url.isEncrypted {
            for option in [BridgeOption.authority, .certificate, .key] where values[option] != nil {
                throw Misspelling("\(option.typed) is for TLS: write --url mqtts://\(url.host)")
            }
        }
        return BridgeSettings(
            url: url, topic: topic, user: values[.user], passwordFile: values[.passwordFile],
            authority: values[.authority], certificate: values[.certificate], key: values[.key],
            clientID: values[.clientID], version: version, retains: values[.retain] != nil)
    }
}
