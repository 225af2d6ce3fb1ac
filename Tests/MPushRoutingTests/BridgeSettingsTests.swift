import MPushModel
import MPushRouting
import Testing

@Suite struct BridgeSettingsTests {
    /// - Parameter texts: what is said of each, in this order.
    private func values(_ broker: BrokerKind, _ texts: KeyValuePairs<BridgeKey, String>) throws -> BridgeValues {
        var values = BridgeValues(of: broker)
        for (key, text) in texts {
            let option = try #require(broker.options.first { $0.key == key })
            try values.add(text, to: option)
        }
        return values
    }

    @Test func argumentsAreInTheOrderOfTheOptions() throws {
        let values = try values(
            .nats, [.subject: "p.{user}", .user: "me", .url: "nats://B", .passwordFile: "/p", .url: "nats://c:1"])
        #expect(
            values.arguments == [
                "--url=nats://b:4222", "--url=nats://c:1", "--subject=p.{user}", "--user=me", "--password-file=/p",
            ])
        let settings = try values.settings()
        #expect(settings.urls.map(\.place) == ["b:4222", "c:1"])
        #expect(settings[.user] == "me" && settings[.credentials] == nil)
        #expect(!settings.needsJSON && !settings.isEncrypted)
    }

    @Test func aFlagHasNoValue() throws {
        #expect(
            try values(.mqtt, [.url: "mqtt://b", .topic: "t", .retain: ""]).arguments
                == ["--url=mqtt://b:1883", "--topic=t", "--retain"])
    }

    @Test func theFieldsOfAKeyAreLookedAtToo() throws {
        let settings = try values(.kafka, [.url: "kafka://b", .topic: "t", .messageKey: "{json:device}"]).settings()
        #expect(settings.needsJSON)
        #expect(settings.messageKey?.source == "{json:device}")
    }

    @Test(arguments: [
        (BrokerKind.nats, [(BridgeKey.subject, "a")], BridgeProblem.missing(.url)),
        (.nats, [(.url, "nats://b")], .missing(.subject)), (.kafka, [(.url, "kafka://b")], .missing(.topic)),
        (.mqtt, [(.url, "mqtts://b"), (.topic, "t"), (.certificate, "/c")], .alone(.certificate, .key)),
        (.nats, [(.url, "nats://b"), (.subject, "t"), (.nkey, "U")], .alone(.nkey, .seedFile)),
        (.kafka, [(.url, "kafka://b"), (.topic, "t"), (.sasl, "plain")], .alone(.sasl, .user)),
        (
            .nats, [(.url, "nats://b"), (.subject, "t"), (.user, "u"), (.credentials, "/c")],
            .together(.user, .credentials)
        ),
        (.kafka, [(.url, "kafka://b"), (.topic, "t"), (.authority, "/a")], .forTLS(.authority)),
        (.nats, [(.url, "nats://b"), (.url, "tls://b"), (.subject, "t")], .mixedTLS),
    ])
    func whatDoesNotGoTogetherIsSaid(
        broker: BrokerKind, texts: [(BridgeKey, String)], problem: BridgeProblem
    ) throws {
        var values = BridgeValues(of: broker)
        for (key, text) in texts {
            let option = try #require(broker.options.first { $0.key == key })
            try values.add(text, to: option)
        }
        let result = Result { () throws(BridgeProblem) in try values.settings() }
        #expect(throws: problem) { try result.get() }
    }

    @Test(arguments: [
        (BrokerKind.kafka, BridgeKey.sasl, "gssapi", "is not plain, scram-sha-256 or scram-sha-512"),
        (.kafka, .compression, "zip", "is not none, gzip"), (.mqtt, .protocolVersion, "4", "is not 5 or 3.1.1"),
        (.kafka, .messageKey, "{usr}", "has no such placeholder"), (.kafka, .topic, "a/b", "has the character U+002F"),
        (.nats, .user, "", "cannot stand here"), (.nats, .user, "a\u{7}", "cannot stand here"),
        (.nats, .url, "mqtt://b", "is not a URL of NATS"),
    ])
    func aWrongValueIsSaid(broker: BrokerKind, key: BridgeKey, text: String, words: String) throws {
        do {
            _ = try values(broker, [key: text])
            Issue.record("\(text) was taken")
        } catch let error as Misspelling {
            #expect(error.message.hasPrefix(words), "\(error.message)")
        }
    }

    @Test func theNumberOfBrokersIsBounded() throws {
        var values = BridgeValues(of: .nats)
        for number in 0..<BridgeValues.mostURLs { try values.add("nats://h\(number)", to: BrokerKind.nats.options[0]) }
        #expect(throws: Misspelling.self) { try values.add("nats://h", to: BrokerKind.nats.options[0]) }
    }

    /// Whoever writes a table and whoever types arguments has the same options, each with its help.
    @Test(arguments: BrokerKind.allCases) func everyOptionHasHelp(broker: BrokerKind) throws {
        #expect(broker.options.contains { $0.key == broker.topicKey && $0.value == .topic })
        #expect(Set(broker.options.map(\.key)).count == broker.options.count)
        for option in broker.options { #expect(option.help.hasSuffix("."), "\(option.key)") }
    }
}

@Suite struct BrokerVerdictTests {
    @Test func whatJetStreamSaysOfAMessage() {
        #expect(NATSReason(code: 10054, text: "too large").word == .reject(reason: "the stream refused it: too large"))
        #expect(
            NATSReason(code: 10077, text: "maximum messages exceeded").word
                == .retry(reason: "the stream refused it: maximum messages exceeded", wait: nil))
        #expect(NATSReason(code: 7, text: "").word == .retry(reason: "the stream refused it: error 7", wait: nil))
        guard case .retry(let reason, nil) = NATSReason.noStream(for: "a.b") else {
            Issue.record("a subject without a stream is not waited for")
            return
        }
        #expect(reason.contains("a.b"))
    }

    /// Numbers of Kafka's protocol, and negative ones of librdkafka.
    @Test(arguments: [
        (Int32(0), KafkaVerdict.answer(.done)), (10, .answer(.reject(reason: "the broker refused it: x"))),
        (17, .answer(.reject(reason: "the broker refused it: x"))),
        (3, .answer(.retry(reason: "the broker refused it: x", wait: nil))),
        (29, .answer(.retry(reason: "the broker refused it: x", wait: nil))),
        (-188, .answer(.retry(reason: "the broker refused it: x", wait: nil))), (-192, .trouble), (-150, .trouble),
        (-151, .trouble),
    ])
    func whatAReportMeans(code: Int32, verdict: KafkaVerdict) {
        #expect(KafkaVerdict(code: code, text: "x") == verdict)
    }
}
