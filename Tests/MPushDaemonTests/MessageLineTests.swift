import Foundation
import MPushInbox
import MPushModel
import MPushSystemd
import NIOCore
import Testing

@testable import MPushDelivery

/// Messages as lines of JSON, read back by Foundation.
@Suite struct MessageLineTests {
    private func object(_ content: [UInt8], identity: String = "home", user: String = "alice") throws -> [String: Any] {
        var line: [UInt8] = []
        let message = StoredMessage(
            position: MessagePosition(rawValue: 7), id: "m-7", identity: identity, user: user,
            received: WallTime(millisecondsSince1970: 1_795_342_272_123), type: 2,
            content: ByteBuffer(bytes: content))
        MessageLine.append(message, to: &line)
        #expect(line.last == 0x0A)
        #expect(line.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        return try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    }

    private func randomText(_ generator: inout SplitMix64) -> String {
        let ranges: [ClosedRange<UInt32>] = [0...0x7F, 0x20...0x7E, 0...0x7FF, 0x2028...0x2029, 0x1F600...0x1F64F]
        var text = ""
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            let range = ranges.randomElement(using: &generator) ?? 0...0x7F
            text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: range, using: &generator)) ?? " ")
        }
        return text
    }

    @Test func saysAllThatIsKnown() throws {
        let object = try object(Array("hello".utf8))
        #expect(object["identity"] as? String == "home")
        #expect(object["user"] as? String == "alice")
        #expect(object["received"] as? String == "2026-11-22T10:11:12.123Z")
        #expect(object["position"] as? Int == 7)
        #expect(object["id"] as? String == "m-7")
        #expect(object["type"] as? Int == 2)
        #expect(object["content"] as? String == "hello")
        #expect(object.count == 7)
    }

    @Test func anyTextComesBack() throws {
        var generator = SplitMix64(seed: 5)
        for _ in 0..<2000 {
            let (content, name) = (randomText(&generator), randomText(&generator))
            let object = try object(Array(content.utf8), identity: name, user: name)
            #expect((object["content"] as? String)?.unicodeScalars.elementsEqual(content.unicodeScalars) == true)
            #expect((object["identity"] as? String)?.unicodeScalars.elementsEqual(name.unicodeScalars) == true)
        }
    }

    @Test func anyBytesComeBack() throws {
        var generator = SplitMix64(seed: 6)
        for count in 0..<500 {
            let bytes = (0..<count % 70).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let object = try object(bytes)
            if let text = object["content"] as? String {
                #expect(Array(text.utf8) == bytes)
            } else {
                let text = try #require(object["content_base64"] as? String)
                #expect(Data(base64Encoded: text).map(Array.init) == bytes)
            }
        }
    }
}
