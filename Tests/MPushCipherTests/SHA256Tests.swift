import MPushCipher
import MPushTestSupport
import NIOCore
import Testing

@Suite struct SHA256Tests {
    /// The examples that NIST gives for FIPS 180-4, and the hash of nothing.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func agreesWithTheStandard(text: String, expected: String) throws {
        #expect(try hex(SHA256.hash(Array(text.utf8))) == expected)
        #expect(try hex(SHA256.hash(ByteBuffer(string: text).readableBytesView)) == expected)
        #expect(try hex(SHA256.hash(text.utf8.reversed().reversed() as [UInt8])) == expected)
    }

    @Test func readsCollectionsThatAreNotContiguous() throws {
        let bytes = sampleBytes(1000)
        #expect(try SHA256.hash(bytes.lazy.map { $0 }) == SHA256.hash(bytes))
    }
}
