import MPushSimulator
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:3000", "127.0.0.1", 3000), ("[::1]:0", "::1", 0), ("0.0.0.0:65535", "0.0.0.0", 65_535),
    ])
    func readsAddresses(text: String, host: String, port: Int) {
        let address = ListenAddress(text)
        #expect(address?.host == host)
        #expect(address?.port == port)
    }

    @Test(arguments: [
        "", "127.0.0.1", ":3000", "::1:3000", "[127.0.0.1]:1", "localhost:1", "127.0.0.1:65536", "1.2.3.4:-1",
    ])
    func refusesWhatIsNone(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
