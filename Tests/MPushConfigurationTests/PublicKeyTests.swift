import Foundation
import MPushConfiguration
import MPushModel
import Testing

@Suite struct PublicKeyTests {
    /// A SEQUENCE of 162 bytes, as long as a 1024-bit key is.
    private static let der = Data([0x30, 0x81, 0x9F] + (0..<159).map { UInt8($0) })
    private static let base64 = der.base64EncodedString()

    private func publicKey(_ text: String) throws -> ServerPublicKey {
        try parse(minimal.replacing("\"/etc/mpushd/server-rsa.pem\"", with: text)).server.publicKey
    }

    @Test func aPathIsAFile() throws {
        let key = try publicKey("\"/etc/mpushd/server-rsa.pem\"")
        guard case .file(let reference) = key else { return #expect(Bool(false), "\(key)") }
        #expect(reference.path == "/etc/mpushd/server-rsa.pem")
        #expect(key.location == SourceLocation(file: fileName, line: 3, key: "server.public_key"))
    }

    @Test(arguments: [
        "\"\(base64)\"",
        "'''\n-----BEGIN PUBLIC KEY-----\n\(base64.prefix(64))\n\(base64.dropFirst(64))\n-----END PUBLIC KEY-----\n'''",
    ])
    func aKeyMayStandInTheFile(text: String) throws {
        let key = try publicKey(text)
        guard case .inline(let inline) = key else { return #expect(Bool(false), "\(key)") }
        #expect(inline.base64 == Self.base64)
        #expect(inline.der == Array(Self.der))
    }

    @Test func severalKeysAreTriedInTheirOrder() throws {
        let text = "[\"/etc/mpushd/old.pem\", \"\(Self.base64)\"]"
        let server = try parse(minimal.replacing("\"/etc/mpushd/server-rsa.pem\"", with: text)).server
        guard case .file(let first) = server.publicKey, case .inline(let second)? = server.otherPublicKeys.first else {
            return #expect(Bool(false), "\(server)")
        }
        #expect(first.path == "/etc/mpushd/old.pem")
        #expect(second.base64 == Self.base64)
        for wrong in ["[]", "[\"nope\"]", "[\"/a\", \"/b\", \"/c\", \"/d\", \"/e\"]", "[1]"] {
            let found = errors(minimal.replacing("\"/etc/mpushd/server-rsa.pem\"", with: wrong))
            #expect(found.hasPrefix("mpushd.toml:3: server.public_key"), "\(wrong): \(found)")
        }
    }

    @Test(arguments: ["server-rsa.pem", "", base64 + "AAAA", String(base64.dropLast(4)), "AAAA", "MAA=", "-----"])
    func anythingElseIsAnError(text: String) {
        let found = errors(minimal.replacing("/etc/mpushd/server-rsa.pem", with: text))
        #expect(found.hasPrefix("mpushd.toml:3: server.public_key: \""))
        #expect(
            found.hasSuffix(
                "is neither the absolute path of a file nor a public key in base64. Write "
                    + "\"/etc/mpushd/server-rsa.pem\", or the key that begins with MI."
            ))
    }

    @Test func aPinIsReadAsItIsWritten() throws {
        for seed in UInt8(0)..<8 {
            let digest = (0..<32).map { seed &* 37 &+ $0 &* 7 }
            let pin = try PublicKeyPin(parsing: "sha256/" + Data(digest).base64EncodedString())
            #expect(pin.digest == digest)
            #expect(try PublicKeyPin(parsing: pin.description) == pin)
        }
    }

    @Test(arguments: [
        "", "sha256/", "sha1/AAAA", "SHA256/AAAA", "sha256//", "sha256/====", "sha256/A", "sha256/AAAAA", "sha256/A===",
        "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
        "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "sha256/AAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=A",
    ])
    func whatIsNoPinIsRefused(text: String) {
        #expect(throws: Misspelling.self) { try PublicKeyPin(parsing: text) }
    }
}
