import Foundation
import MPushModel
import MPushSystemd
import Testing

@Suite struct JournalSinkTests {
    @Test func sendsTheWellKnownFieldsThenOurs() {
        let sink = JournalSink(identifier: "mpushd", fallback: MemorySink())
        let record = LogRecord(
            level: .warning, event: .connectionLost, text: "connection lost: missed reads",
            fields: [.cause("missed-reads"), .user("alice\nPRIORITY=0"), .silence(.seconds(201))])
        #expect(
            sink.entries(of: record) == [
                "MESSAGE=connection lost: missed reads", "PRIORITY=4", "SYSLOG_IDENTIFIER=mpushd",
                "MESSAGE_ID=\(LogEvent.connectionLost.messageID)", "MPUSH_CAUSE=missed-reads",
                "MPUSH_USER=alice\\nPRIORITY=0", "MPUSH_SILENCE_USEC=201000000",
            ])
    }

    @Test func aRemarkHasNoMessageID() {
        let record = LogRecord(level: .debug, event: nil, text: "a remark", fields: [])
        let entries = JournalSink(identifier: "x", fallback: MemorySink()).entries(of: record)
        #expect(entries == ["MESSAGE=a remark", "PRIORITY=7", "SYSLOG_IDENTIFIER=x"])
    }

    @Test(arguments: ["", ":", "1", "1:", ":1", "1:2:3", "a:b", "1: 2", "-1:2", "0x1:2", "99999999999999999999:1"])
    func whatIsNoDeviceAndInodeIsNoStream(text: String) {
        #expect(JournalStream(text) == nil)
    }

    @Test func isUsedOnlyWhenTheDescriptorIsTheStreamThatSystemdNamed() throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let stream = try #require(JournalStream(descriptor: descriptor))
        func connected(_ value: String?) -> Bool {
            JournalStream.isConnected(
                to: descriptor, environment: ServiceEnvironment { $0 == "JOURNAL_STREAM" ? value : nil })
        }
        #expect(connected("\(stream.device):\(stream.inode)"))
        #expect(!connected("\(stream.device):\(stream.inode + 1)"))
        #expect(!connected("\(stream.device + 1):\(stream.inode)"))
        #expect(!connected("\(stream.device)"))
        #expect(!connected(nil))
        #expect(JournalStream(descriptor: -1) == nil)
    }
}
