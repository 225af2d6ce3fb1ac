import MPushJSON
import MPushModel
import Testing

/// Whatever the bytes are, they are a value or an error with a place. A crash ends the test.
@Suite struct HostileJSONTests {
    private static let seeds: [String] = [
        "{\"msgId\":\"a1\",\"msgType\":3,\"content\":\"{\\\"x\\\": [1, 2.5e-3, true, null]}\"}",
        "[\"\\ud83d\\udea8\\u0000\\n\", -0.0, 1e308, [[[{}]]], {\"\": {\"\": []}}]",
    ]
    private static let interesting = Array("\"\\{}[]:,-+.eEu0d8tfn \n".utf8) + [0, 0x1F, 0x7F, 0x80, 0xC2, 0xED, 0xFF]

    private func read(_ bytes: [UInt8]) {
        do throws(JSONError) {
            let value = try JSONParser.parse(bytes)
            // What was read is written so that it is read as the same.
            #expect(try JSONParser.parse(value.text) == value, "\(bytes)")
        } catch {
            #expect((0...bytes.count).contains(error.offset) && !error.message.isEmpty)
        }
        do throws(JSONError) {
            let value = try JSONParser.parse(content: bytes)
            #expect(try JSONParser.parse(value.text) == value, "\(bytes)")
        } catch {
            #expect((0...bytes.count).contains(error.offset) && !error.message.isEmpty)
        }
        _ = JSONMembers.find(["msgId"], in: bytes)
    }

    @Test func mutatedTextsNeverCrash() {
        var random = SplitMix64(seed: 30)
        for round in 0..<20_000 {
            var bytes = Array(Self.seeds[round % 2].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let byte = Self.interesting.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                default: if bytes.count > 1 { bytes.remove(at: place) }
                }
            }
            read(bytes)
        }
    }

    @Test func everyPrefixIsReadWithoutACrash() {
        for seed in Self.seeds {
            let bytes = Array(seed.utf8)
            for count in 0...bytes.count { read(Array(bytes.prefix(count))) }
        }
    }

    @Test func randomBytesNeverCrash() {
        var random = SplitMix64(seed: 31)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...40, using: &random)
            read((0..<count).map { _ in Self.interesting.randomElement(using: &random) ?? 0 })
        }
    }
}
