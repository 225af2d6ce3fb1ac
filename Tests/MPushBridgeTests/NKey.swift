import Foundation
import MPushTestSupport
import Testing

/// A key of NATS, made with openssl(1).
struct NKey {
    /// Whose it is: the first letter of its name.
    enum Kind: UInt8 {
        case account = 0
        case `operator` = 14
        case user = 20
    }

    /// Its public half.
    let name: String
    /// Has its seed.
    let file: String
    private let pair: String

    init(_ name: String, _ kind: Kind, in directory: TemporaryDirectory) throws {
        pair = directory.path("\(name).der")
        let half = directory.path("\(name).pub")
        try NKey.openssl(["genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", pair])
        try NKey.openssl(["pkey", "-in", pair, "-inform", "DER", "-pubout", "-outform", "DER", "-out", half])
        func tail(_ file: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file)).suffix(32)) }
        // The letters have five bits each; that of a seed is S.
        let (letter, seed) = (kind.rawValue << 3, UInt8(18 << 3))
        self.name = NKey.encoded([letter] + (try tail(half)))
        let text = NKey.encoded([seed | letter >> 5, (letter & 31) << 3] + (try tail(pair)))
        file = try directory.write("\(name).nk", (text + "\n").utf8)
    }

    var seed: String {
        get throws { try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").joined() }
    }

    /// A token that says who `key` is, signed with this one.
    func token(
        for key: NKey, _ kind: String, _ more: String = "", in directory: TemporaryDirectory
    ) throws -> String {
        let claims =
            #"{"jti":"\#(key.name)","iat":1700000000,"iss":"\#(name)","name":"\#(kind)","sub":"\#(key.name)","#
            + #""nats":{\#(more)"type":"\#(kind)","version":2}}"#
        let text = [#"{"typ":"JWT","alg":"ed25519-nkey"}"#, claims].map { NKey.base64(Data($0.utf8)) }.joined(
            separator: ".")
        let (plain, signature) = (try directory.write("claims", text.utf8), directory.path("signature"))
        try NKey.openssl([
            "pkeyutl", "-sign", "-rawin", "-inkey", pair, "-keyform", "DER", "-in", plain, "-out", signature,
        ])
        return text + "." + NKey.base64(try Data(contentsOf: URL(filePath: signature)))
    }

    private static func base64(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func openssl(_ arguments: [String]) throws {
        let outcome = try BuiltProgram.run("/usr/bin/openssl", arguments)
        try #require(outcome.status == 0, "\(outcome.complaint)")
    }

    /// With its check sum (CRC-16/XMODEM), in Base32.
    private static func encoded(_ bytes: [UInt8]) -> String {
        var sum: UInt16 = 0
        for byte in bytes {
            sum ^= UInt16(byte) << 8
            for _ in 0..<8 { sum = sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
        }
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var (text, bits, count) = ("", 0, 0)
        for byte in bytes + [UInt8(truncatingIfNeeded: sum), UInt8(sum >> 8)] {
            (bits, count) = (bits << 8 | Int(byte), count + 8)
            while count >= 5 {
                text.append(letters[bits >> (count - 5) & 31])
                count -= 5
            }
            bits &= 0xFF
        }
        if count > 0 { text.append(letters[bits << (5 - count) & 31]) }
        return text
    }
}
