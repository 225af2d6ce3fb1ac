import Foundation
import MPushTestSupport
import Testing

@testable import MPushCipher

/// Keys that can be read and must not be used: of sizes that the peers cannot use, and with numbers that keep nothing
/// secret.
@Suite struct RSAKeyStrengthTests {
    /// A prime factor of the modulus of `SampleKeys`, 512 bits.
    private static let prime =
        "d57a85817d9a658da019a025839722bc8795952cbebdc838f82603acb8816c954b42a82e6dda4eefab030c09283b9f500cd43a63d729759b"
        + "12a67992c10a453d"

    /// A prime of 1024 bits.
    private static let longPrime =
        "f998ea7ec39dc3ad964f3f66e2b7244b18756501a0661af344ce75ff9cca0c5a26cb72f67646242dc184210842d99f303d3d7b22f20f7f1a"
        + "bcafac8a6bee4babb9cc3d1fac7c987ed24496b1a93147c452696dd2f35ac656a5376c60c46421e9c2a3f6625dd7f297ee6d2195455"
        + "2ed2bc62981c42a312664c66e4bd33834db43"

    private static let usual: [UInt8] = [1, 0, 1]

    /// The modulus of a key: its DER ends with it and the usual exponent.
    private func modulus(_ key: RSAPublicKey) -> [UInt8] { Array(key.der.dropLast(5).suffix(key.bits / 8)) }

    private func sampleModulus() throws -> [UInt8] { modulus(try RSAPublicKey(SampleKeys.publicKey)) }

    // MARK: - DER (X.690), written by hand

    private func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let digits = withUnsafeBytes(of: content.count.bigEndian) { Array($0.drop { $0 == 0 }) }
        let length = content.count < 0x80 ? [UInt8(content.count)] : [0x80 | UInt8(digits.count)] + digits
        return [tag] + length + content
    }

    /// A number that is not negative.
    private func integer(_ bytes: [UInt8]) -> [UInt8] {
        element(2, (bytes.first ?? 0x80) < 0x80 ? bytes : [0] + bytes)
    }

    private func text(_ modulus: [UInt8], _ exponent: [UInt8]) -> String {
        let numbers = element(0x30, integer(modulus) + integer(exponent))
        let algorithm: [UInt8] = [0x30, 0x0D, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 5, 0]
        return Data(element(0x30, algorithm + element(3, [0] + numbers))).base64EncodedString()
    }

    private func expectRefusal(
        _ text: String, saying words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: CipherError.self, sourceLocation: sourceLocation) { try RSAPublicKey(text) }
        #expect(
            error?.description.contains(words) == true, "\(String(describing: error))", sourceLocation: sourceLocation)
    }

    // MARK: - Sizes

    @Test func whatIsWrittenByHandIsTheSameKey() throws {
        #expect(try RSAPublicKey(text(sampleModulus(), Self.usual)) == RSAPublicKey(SampleKeys.publicKey))
    }

    @Test(arguments: [512, 768, 1016, 4104, 16384])
    func sizesOutOfBoundsAreRefused(bits: Int) {
        expectRefusal(
            text([0xC0] + sampleBytes(bits / 8 - 2) + [1], Self.usual),
            saying: "has \(bits) bits; it must have 1024 to 4096")
    }

    /// The servers' bits / 8 is a byte less than what such a key makes.
    @Test(arguments: [1025, 1537, 2047, 4095])
    func sizesThatAreNotWholeBytesAreRefused(bits: Int) {
        let first = UInt8(1) << UInt8((bits - 1) % 8)
        expectRefusal(
            text([first] + sampleBytes((bits - 1) / 8 - 1) + [1], Self.usual),
            saying: "has \(bits) bits, which are not whole bytes; no MPush server could decrypt")
    }

    @Test func anEndlessModulusIsRefusedAtOnce() {
        let text = text([0xC0] + sampleBytes(300_000 / 8 - 2) + [1], Self.usual)
        let start = ContinuousClock.now
        expectRefusal(text, saying: "has 300000 bits")
        // A single computation with such a number takes minutes.
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    // MARK: - Numbers

    @Test(
        arguments: [
            ([0], "is even"), ([1], "is 1, which encrypts nothing"), ([2], "is even"), ([4], "is even"),
            ([1, 0, 0], "is even"),
        ] as [([UInt8], String)])
    func exponentsThatEncryptNothingAreRefused(exponent: [UInt8], words: String) throws {
        expectRefusal(text(try sampleModulus(), exponent), saying: "its public exponent \(words)")
    }

    @Test func anExponentBeyondTheModulusIsRefused() throws {
        var modulus = try sampleModulus()
        expectRefusal(text(modulus, modulus), saying: "its public exponent is not below its modulus")
        modulus[modulus.count - 1] += 2
        expectRefusal(text(try sampleModulus(), modulus), saying: "its public exponent is not below its modulus")
    }

    @Test(arguments: [[3], [17], [1, 0, 1], [1, 0, 0, 0, 0, 0, 0, 0, 1]] as [[UInt8]])
    func oddExponentsAreTaken(exponent: [UInt8]) throws {
        #expect(try RSAPublicKey(text(sampleModulus(), exponent)).bits == 1024)
    }

    @Test func aModulusThatIsNoProductOfTwoPrimesIsRefused() throws {
        let prime = try #require(bytes(hex: Self.prime))
        var even = try sampleModulus()
        even[even.count - 1] &= 0xFE
        expectRefusal(text(even, Self.usual), saying: "its modulus is even")
        expectRefusal(text([0x80] + [UInt8](repeating: 0, count: 127), Self.usual), saying: "its modulus is even")
        expectRefusal(text([UInt8](repeating: 0xFF, count: 128), Self.usual), saying: "is not secure")
        expectRefusal(text(squared(prime), Self.usual), saying: "is not secure")
        expectRefusal(text(try #require(bytes(hex: Self.longPrime)), Self.usual), saying: "is not secure")
        expectRefusal(text([0], Self.usual), saying: "has 0 bits")
    }

    /// OpenSSL encrypts with no exponent beyond 64 bits where the modulus has more than 3072.
    @Test func aKeyThatOpenSSLWillNotUseIsRefusedWhenItIsRead() throws {
        let modulus = modulus(try RSAPrivateKey.generate(bits: 4096).publicKey)
        expectRefusal(
            text(modulus, [1, 0, 0, 0, 0, 0, 0, 0, 1]), saying: "OpenSSL encrypts nothing with the RSA key: ")
    }

    private func squared(_ number: [UInt8]) -> [UInt8] {
        var product = [Int](repeating: 0, count: 2 * number.count)
        for (i, left) in number.reversed().enumerated() {
            for (j, right) in number.reversed().enumerated() { product[i + j] += Int(left) * Int(right) }
        }
        for index in product.indices.dropLast() {
            product[index + 1] += product[index] >> 8
            product[index] &= 0xFF
        }
        return product.reversed().map { UInt8(truncatingIfNeeded: $0) }
    }
}
