import Foundation
import MPushModel
import MPushPlatform
import MPushSystemd
import Testing

@Suite struct TerminalSinkTests {
    private let record = LogRecord(
        level: .warning, event: .connectionLost, text: "lost:\u{1b}[2J alice\nmallory", fields: [.user("alice")])
    /// 2026-11-22 10:11:12.123 UTC.
    private let time = WallTime(millisecondsSince1970: 1_795_342_272_123)

    @Test func aPlainLineIsStampedInUTC() {
        #expect(
            LineFormat.plain.line(for: record, at: time)
                == "2026-11-22T10:11:12.123Z warning lost:\\u{1b}[2J alice\\nmallory\n")
        let epoch = LineFormat.plain.line(for: record, at: WallTime(millisecondsSince1970: 0))
        #expect(epoch.hasPrefix("1970-01-01T00:00:00.000Z "))
        let before = LineFormat.plain.line(for: record, at: WallTime(millisecondsSince1970: -1))
        #expect(before.hasPrefix("1969-12-31T23:59:59.999Z "))
    }

    @Test func aTerminalLineIsAlignedAndColoursOnlyTheLevel() throws {
        let bare = LineFormat.terminal(colour: false).line(for: record, at: time)
        #expect(bare.wholeMatch(of: /\d\d:\d\d:12\.123  warning  lost:\\u\{1b\}\[2J alice\\nmallory\n/) != nil)
        let coloured = LineFormat.terminal(colour: true).line(for: record, at: time)
        #expect(
            coloured.replacingOccurrences(of: "\u{1b}[1;33m", with: "").replacingOccurrences(of: "\u{1b}[0m", with: "")
                == bare)
        #expect(coloured.count(where: { $0 == "\u{1b}" }) == 2)
        let info = LogRecord(level: .info, event: nil, text: "lost", fields: [])
        let column = { (line: String) in line.range(of: "lost")?.lowerBound.utf16Offset(in: line) }
        #expect(column(LineFormat.terminal(colour: false).line(for: info, at: time)) == column(bare))
    }

    @Test func coloursOnlyATerminalThatWantsThem() throws {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        func format(_ variables: [String: String]) -> LineFormat {
            LineFormat(for: terminal, environment: ServiceEnvironment { variables[$0] })
        }
        #expect(format(["TERM": "xterm"]) == .terminal(colour: true))
        #expect(format(["TERM": "xterm", "NO_COLOR": ""]) == .terminal(colour: true))
        #expect(format(["TERM": "xterm", "NO_COLOR": "1"]) == .terminal(colour: false))
        #expect(format(["TERM": "dumb"]) == .terminal(colour: false))
        let pipe = Pipe()
        #expect(LineFormat(for: pipe.fileHandleForWriting.fileDescriptor) == .plain)
    }

    @Test func writesWholeLinesToItsDescriptor() throws {
        let pipe = Pipe()
        let sink = TerminalSink(
            descriptor: pipe.fileHandleForWriting.fileDescriptor, format: .plain, clock: MachineClock())
        sink.write(record)
        sink.write(LogRecord(level: .error, event: nil, text: String(repeating: "x", count: 9999), fields: []))
        try pipe.fileHandleForWriting.close()
        let lines = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            .split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasSuffix(" warning lost:\\u{1b}[2J alice\\nmallory") == true)
        #expect(lines.last?.hasSuffix("x…") == true)
    }

    @Test func losesWhatTheDescriptorDoesNotTake() {
        TerminalSink(descriptor: -1, format: .plain, clock: MachineClock()).write(record)
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
        let sink = TerminalSink(descriptor: descriptor, format: .plain, clock: MachineClock())
        for _ in 0..<2000 { sink.write(record) }
    }
}
