import MPushModel
import MPushTestSupport
import NIOCore
import Testing

/// `count` bytes that look random and are the same each time (a linear congruential generator).
func sampleBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

/// The bytes that `text` spells in hexadecimal digits, as a buffer.
func buffer(hex text: String) throws -> ByteBuffer {
    ByteBuffer(bytes: try #require(bytes(hex: text)))
}

/// The bytes that `text` spells in hexadecimal digits, as a secret.
func secret(hex text: String) throws -> SecretBytes {
    SecretBytes(try #require(bytes(hex: text)))
}
