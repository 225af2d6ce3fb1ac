import MPushModel
import Testing

@testable import MPushConnection

@Suite struct PublicPEMTests {
    private static let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

    @Test(arguments: ["PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"])
    func leavesKeysOut(label: String) {
        let key = "-----BEGIN \(label)-----\nc2VjcmV0\nc2VjcmV0\n-----END \(label)-----\n"
        for file in [key + Self.certificate, Self.certificate + key, "\r\n" + key + "# c\n" + Self.certificate] {
            let text = String(decoding: PublicPEM.text(of: SecretBytes(file.utf8)), as: UTF8.self)
            #expect(!text.contains("c2Vj"))
            #expect(text.contains(Self.certificate))
            #expect(text.contains("# -----BEGIN PRIVATE KEY-----\n"))
        }
    }

    @Test func leavesOutAKeyWithoutAnEnd() {
        let text = PublicPEM.text(of: SecretBytes("\(Self.certificate)-----BEGIN PRIVATE KEY-----\nc2Vj\n".utf8))
        #expect(!String(decoding: text, as: UTF8.self).contains("c2Vj"))
    }

    @Test func keepsAllElse() {
        for file in ["", "\n", Self.certificate, "text -----BEGIN PRIVATE KEY-----\nx\n"] {
            let text = PublicPEM.text(of: SecretBytes(file.utf8))
            #expect(String(decoding: text, as: UTF8.self) == file + "\n")
        }
    }
}
