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
        let url = try BrokerURL(mqtt: text)
        #expect(url.isEncrypted == isEncrypted)
        #expect(url.place == place)
        #expect(try BrokerURL(mqtt: url.description) == url)
    }

    @Test(arguments: [
        ("broker.example", "is not a URL"), ("https://broker.example", "is not a URL of MQTT"),
        ("mqtt://me:secret@broker", "names a user"), ("mqtt://broker/topic", "has a path"),
        ("mqtt://", "leads somewhere"),
        ("mqtt://a b", "leads somewhere"), ("mqtt://h:0", "leads somewhere"), ("mqtt://h?x", "has a path"),
    ])
    func whatIsNoneSaysWhy(text: String, words: String) {
        do throws(Misspelling) {
            _ = try BrokerURL(mqtt: text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.message.contains(words), "\(error.message)")
            #expect(!error.message.contains("secret"))
        }
    }
}
