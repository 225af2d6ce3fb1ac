import MPushConfiguration
import MPushModel
import NIOCore
import Testing

@testable import MPushInbox

/// What of a content is a message's id and type.
@Suite struct MessageKeyTests {
    private func key(_ content: [UInt8]) -> MessageKey {
        MessageKey(
            NewMessage(
                identity: "home", user: "alice", received: WallTime(millisecondsSince1970: 0),
                content: ByteBuffer(bytes: content), awaitsConsumer: false), settings: InboxSettings())
    }

    private func key(_ content: String) -> MessageKey { key(Array(content.utf8)) }

    @Test(arguments: [
        "7", "-0", "9223372036854775807", "9223372036854775808", "18446744073709551615", "20260801123456789012",
        "100000000000000000000",
    ])
    func anyWholeNumberIsAnIDAsItStands(number: String) {
        #expect(key("{\"msgId\":\(number)}").id == number)
    }

    @Test(arguments: ["1.5", "1e400", "null", "true", "[1]", "\"\""])
    func anythingElseIsNone(value: String) {
        #expect(key("{\"msgId\":\(value)}").id == nil)
    }

    @Test func anIDHasABound() {
        #expect(key("{\"msgId\":\(String(repeating: "1", count: 256))}").id?.utf8.count == 256)
        #expect(key("{\"msgId\":\(String(repeating: "1", count: 257))}").id == nil)
    }

    @Test(arguments: [([0xEF, 0xBB, 0xBF], []), ([], [0]), ([], [0x0A, 0, 0])] as [([UInt8], [UInt8])])
    func whatIsPutAroundAContentDoesNotHideIt(before: [UInt8], behind: [UInt8]) {
        let key = key(before + Array(#"{"msgId":"p1","msgType":1,"x":1e400}"#.utf8) + behind)
        #expect(key.id == "p1" && key.type == 1)
    }

    /// Each would be U+FFFD: one would be taken for a duplicate of the other, and lost.
    @Test func idsThatNoTextCanHoldAreNotTakenForEachOther() {
        let (first, second) = (key(#"{"msgId":"\ud800"}"#), key(#"{"msgId":"\ud801"}"#))
        #expect(first.id == nil && second.id == nil && first.digest != second.digest)
    }
}
