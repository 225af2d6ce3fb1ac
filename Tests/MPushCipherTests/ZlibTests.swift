import MPushCipher
import MPushTestSupport
import NIOCore
import Testing

@Suite struct ZlibTests {
    private static let roomy = 1 << 20

    @Test func inflatesTheVectors() throws {
        let vectors = try CryptoVectors.load().zlib
        #expect(!vectors.isEmpty)
        for vector in vectors {
            let plain = try buffer(hex: vector.plain)
            #expect(try Zlib.inflate(buffer(hex: vector.compressed), maximum: Self.roomy) == plain)
            #expect(try Zlib.inflate(Zlib.deflate(plain), maximum: Self.roomy) == plain)
        }
    }

    @Test func givesBackWhatItDeflatedAtEverySize() throws {
        for size in Array(0...64) + Array(stride(from: 65, through: 5000, by: 53)) + [100_000] {
            let random = ByteBuffer(bytes: sampleBytes(size))
            let even = ByteBuffer(repeating: 0x61, count: size)
            for plain in [random, even] {
                #expect(try Zlib.inflate(Zlib.deflate(plain), maximum: size) == plain)
            }
        }
    }

    @Test func takesExactlyTheMaximumAndNotOneByteMore() throws {
        for size in [1, 2, 1023, 1024, 1025, 4096, 70_000] {
            for plain in [ByteBuffer(repeating: 0x61, count: size), ByteBuffer(bytes: sampleBytes(size))] {
                let compressed = try Zlib.deflate(plain)
                #expect(try Zlib.inflate(compressed, maximum: size) == plain)
                #expect(throws: CipherError.inflatedTooLarge(maximum: size - 1)) {
                    try Zlib.inflate(compressed, maximum: size - 1)
                }
            }
        }
    }

    @Test func stopsABombAtTheMaximumWithoutTheRoomForIt() throws {
        let bomb = Self.bomb(inflatingTo: 512 << 20)
        let before = try ResidentMemory.peak()
        #expect(throws: CipherError.inflatedTooLarge(maximum: 4 << 20)) {
            try Zlib.inflate(bomb, maximum: 4 << 20)
        }
        #expect(try ResidentMemory.peak() - before < 128 << 20)
    }

    /// A stream without an end, written by hand (RFC 1951 section 3.2.6) so that the test has no need of the room
    /// either: a block with fixed codes, five literals of nine bits to fill up its first bytes, then thirteen bytes that
    /// say eight times "258 bytes, copied from one byte ago".
    private static func bomb(inflatingTo count: Int) -> ByteBuffer {
        let literals = String(repeating: "110010000", count: 5)
        let copies = String(repeating: "1100010100000", count: 8)
        var bomb = ByteBuffer(bytes: [0x78, 0x9C] + packed("110" + literals))
        let period = packed(copies)
        for _ in 0...count / (258 * 8) { bomb.writeBytes(period) }
        return bomb
    }

    /// Bits in the order of the stream, which fills bytes from the lowest bit up.
    private static func packed(_ bits: String) -> [UInt8] {
        let bits = Array(bits.utf8)
        return stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reversed().reduce(0) { $0 << 1 | ($1 & 1) }
        }
    }

    @Test func takesAbsurdMaximumsForWhatTheyAre() throws {
        let compressed = try Zlib.deflate(ByteBuffer(string: "text"))
        #expect(try Zlib.inflate(compressed, maximum: .max) == ByteBuffer(string: "text"))
        for maximum in [0, -1, Int.min] {
            #expect(throws: CipherError.inflatedTooLarge(maximum: 0)) { try Zlib.inflate(compressed, maximum: maximum) }
        }
        #expect(try Zlib.inflate(Zlib.deflate(ByteBuffer()), maximum: 0) == ByteBuffer())
    }

    @Test func refusesEveryTruncation() throws {
        for plain in [ByteBuffer(bytes: sampleBytes(700)), ByteBuffer(repeating: 0x61, count: 5000)] {
            let compressed = try Zlib.deflate(plain)
            for count in 0..<compressed.readableBytes {
                let cut = try #require(compressed.getSlice(at: 0, length: count))
                for maximum in [plain.readableBytes, Self.roomy] {
                    #expect(throws: CipherError.badCompressedData(detail: "the stream ends early")) {
                        try Zlib.inflate(cut, maximum: maximum)
                    }
                }
            }
        }
    }

    @Test func refusesWhatFollowsTheStream() throws {
        var compressed = try Zlib.deflate(ByteBuffer(string: "text"))
        compressed.writeBytes([1, 2, 3])
        #expect(throws: CipherError.badCompressedData(detail: "3 bytes follow the end of the stream")) {
            try Zlib.inflate(compressed, maximum: Self.roomy)
        }
    }

    @Test func refusesDamage() throws {
        let compressed = try Zlib.deflate(ByteBuffer(bytes: sampleBytes(300)))
        for index in 0..<compressed.readableBytes {
            var damaged = compressed
            let byte = try #require(damaged.getInteger(at: index, as: UInt8.self))
            damaged.setInteger(byte ^ 0x55, at: index)
            #expect(throws: CipherError.self) { try Zlib.inflate(damaged, maximum: Self.roomy) }
        }
    }

    @Test func refusesRubbish() {
        for seed in UInt64(0)..<500 {
            let rubbish = ByteBuffer(bytes: [0x78, 0x9C] + sampleBytes(Int(seed), seed: seed))
            #expect(throws: CipherError.self) { try Zlib.inflate(rubbish, maximum: 4096) }
        }
    }

    /// FDICT is set, and no dictionary was agreed on.
    @Test func refusesStreamsThatWantADictionary() throws {
        #expect(throws: CipherError.self) {
            try Zlib.inflate(buffer(hex: "78bb00620062030000000001"), maximum: Self.roomy)
        }
    }
}
