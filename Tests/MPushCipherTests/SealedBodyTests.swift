import Foundation
import MPushCipher
import MPushModel
import MPushTestSupport
import NIOCore
import Testing

@Suite struct SealedBodyTests {
    private static let maximum = 4 << 20

    private func makeCipher() throws -> AESCipher {
        try AESCipher(key: SecretBytes(sampleBytes(16, seed: 7)), iv: SecretBytes(sampleBytes(16, seed: 8)))
    }

    /// What the peers compressed or sent raw, without the plain body beside it, is in a packet of its own.
    @Test func opensEveryPacketOfTheVectors() throws {
        let vectors = try PacketVectors.load()
        let serverKey = try vectors.keys.makePrivateKey()
        let raw = Dictionary(uniqueKeysWithValues: vectors.packets.map { ($0.name, $0) })
        var opened = 0
        for packet in vectors.packets where packet.isEncrypted || packet.isCompressed {
            let sealed = try SealedBody(
                bytes: packet.body(), isEncrypted: packet.isEncrypted, isCompressed: packet.isCompressed)
            let plain = try sealed.opened(
                with: cipher(of: packet, serverKey: serverKey), maximumInflated: Self.maximum)
            #expect(try plain == expectedPlain(of: packet, among: raw), "\(packet.name)")
            opened += 1
        }
        #expect(opened == 36)
    }

    private func cipher(
        of packet: PacketVectors.Packet, serverKey: RSAPrivateKey
    ) throws -> (any BodyDecrypting)? {
        if packet.cipher == "rsa" { return serverKey }
        guard let key = packet.key, let iv = packet.iv else { return nil }
        return try AESCipher(key: secret(hex: key), iv: secret(hex: iv))
    }

    private func expectedPlain(
        of packet: PacketVectors.Packet, among packets: [String: PacketVectors.Packet]
    ) throws -> ByteBuffer {
        if let plain = packet.plain { return try buffer(hex: plain) }
        for mode in ["_aes_", "_noCipher_send_"] {
            guard let range = packet.name.range(of: mode) else { continue }
            let twin = packet.name.replacingCharacters(in: range, with: "_raw_")
            return try #require(packets[twin], "\(twin)").body()
        }
        throw CipherError.noCipher
    }

    @Test func sealsAsAsked() throws {
        let cipher = try makeCipher()
        let plain = ByteBuffer(repeating: 0x61, count: 2000)
        for (encrypts, threshold) in [(false, nil), (true, nil), (false, 1999), (true, 1999), (true, 2000)] {
            let sealed = try SealedBody(sealing: plain, with: encrypts ? cipher : nil, compressOver: threshold)
            #expect(sealed.isEncrypted == encrypts)
            #expect(sealed.isCompressed == (threshold == 1999))
            #expect(try sealed.opened(with: cipher, maximumInflated: 2000) == plain)
        }
    }

    @Test func compressesBeforeItEncrypts() throws {
        let cipher = try makeCipher()
        let plain = ByteBuffer(repeating: 0x61, count: 2000)
        let sealed = try SealedBody(sealing: plain, with: cipher, compressOver: 1024)
        #expect(try Zlib.inflate(cipher.decrypt(sealed.bytes), maximum: 2000) == plain)
    }

    @Test func leavesWhatDoesNotGetShorterUncompressed() throws {
        let plain = ByteBuffer(bytes: sampleBytes(2000))
        let sealed = try SealedBody(sealing: plain, with: nil, compressOver: 1024)
        #expect(sealed == SealedBody(bytes: plain, isEncrypted: false, isCompressed: false))
    }

    @Test func leavesAnEmptyBodyAlone() throws {
        let empty = SealedBody(bytes: ByteBuffer(), isEncrypted: false, isCompressed: false)
        #expect(try SealedBody(sealing: ByteBuffer(), with: makeCipher(), compressOver: 0) == empty)
        let flagged = SealedBody(bytes: ByteBuffer(), isEncrypted: true, isCompressed: true)
        #expect(try flagged.opened(with: nil, maximumInflated: 0) == ByteBuffer())
    }

    @Test func saysThatThereIsNoCipher() {
        let sealed = SealedBody(bytes: ByteBuffer(bytes: sampleBytes(16)), isEncrypted: true, isCompressed: false)
        #expect(throws: CipherError.noCipher) { try sealed.opened(with: nil, maximumInflated: 100) }
    }

    @Test func boundsWhatItInflates() throws {
        let cipher = try makeCipher()
        let sealed = try SealedBody(
            sealing: ByteBuffer(repeating: 0x61, count: 5000), with: cipher, compressOver: 1024)
        #expect(throws: CipherError.inflatedTooLarge(maximum: 4999)) {
            try sealed.opened(with: cipher, maximumInflated: 4999)
        }
    }

    @Test func survivesEveryTruncation() throws {
        let cipher = try makeCipher()
        let sealed = try SealedBody(
            sealing: ByteBuffer(bytes: sampleBytes(500) + sampleBytes(500)), with: cipher, compressOver: 100)
        #expect(sealed.isEncrypted && sealed.isCompressed)
        for count in 1..<sealed.bytes.readableBytes {
            let cut = SealedBody(
                bytes: try #require(sealed.bytes.getSlice(at: 0, length: count)), isEncrypted: true,
                isCompressed: true)
            #expect(throws: CipherError.self) { try cut.opened(with: cipher, maximumInflated: 1000) }
        }
    }
}
