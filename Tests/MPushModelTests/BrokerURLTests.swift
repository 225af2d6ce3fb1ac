import MPushModel
import Testing

@Suite struct BrokerURLTests {
    @Test(arguments: [
        ("mqtt://broker.example", false, "broker.example:1883"),
        ("mqtts://Broker.example", true, "broker.example:8883"),
        ("MQTT://h:1", false, "h:1"), ("mqtts://192.0.2.7:443/", true, "192.0.2.7:443"),
        ("mqtt://[2001:db8::7]", false, "[2001:db8::7]:1883"), ("mqtt://[::1]:5", false, "[::1]:5"),
    ])
    func isRead(text: String, isEncrypted: Bool, place: String) throws {
        let url = try BrokerURL(text, of: .mqtt)
        #expect(url.isEncrypted == isEncrypted)
        #expect(url.place == place)
        #expect(try BrokerURL(url.description, of: .mqtt) == url)
    }

    @Test(arguments: [
        ("broker.example", "is not a URL"), ("https://broker.example", "is not a URL of MQTT"),
        ("mqtt://me:secret@broker", "names a user"), ("mqtt://broker/topic", "has a path"),
        ("mqtt://", "leads somewhere"),
        ("mqtt://a b", "leads somewhere"), ("mqtt://h:0", "leads somewhere"), ("mqtt://h?x", "has a path"),
    ])
    func whatIsNoneSaysWhy(text: String, words: String) {
        do throws(Misspelling) {
            _ = try BrokerURL(text, of: .mqtt)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.message.contains(words), "\(error.message)")
            #expect(!error.message.contains("secret"))
        }
    }

    @Test(arguments: [
        ("nats://h", BrokerKind.nats, false, "h:4222"), ("tls://h", .nats, true, "h:4222"),
        ("kafka://h", .kafka, false, "h:9092"), ("kafka+ssl://h", .kafka, true, "h:9093"),
    ])
    func eachBrokerHasItsOwn(text: String, broker: BrokerKind, isEncrypted: Bool, place: String) throws {
        let url = try BrokerURL(text, of: broker)
        #expect(url.isEncrypted == isEncrypted)
        #expect(url.place == place)
        #expect(try BrokerURL(url.description, of: broker) == url)
        for other in BrokerKind.allCases where other != broker {
            #expect(throws: Misspelling.self) { try BrokerURL(text, of: other) }
        }
    }
}
