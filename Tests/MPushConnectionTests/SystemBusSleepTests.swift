import CLinux
import Foundation
import MPushConnection
import MPushModel
import MPushPlatform
import MPushTestSupport
import NIOCore
import NIOPosix
import Testing

/// Against a real dbus-daemon, and one who says what logind says.
@Suite(.enabled(if: MessageBus.isInstalled, "dbus-daemon is not installed (apt-get install dbus)"))
struct SystemBusSleepTests {
    @Test func hearsThatTheMachineHasWoken() async throws {
        let bus = try MessageBus()
        try bus.start()
        try await Listening.run(at: bus.address) { listening in
            #expect(await listening.next() == .listening)
            let logind = try FakeLogind(at: bus.path)
            logind.say(isGoingToSleep: true)
            logind.say(isGoingToSleep: false)
            #expect(await listening.next() == .sleeps)
            #expect(await listening.next() == .woke)
        }
    }

    /// What another program sends is not logind's, though it says the same.
    @Test func nobodyElseIsBelieved() async throws {
        let bus = try MessageBus()
        try bus.start()
        try await Listening.run(at: bus.address) { listening in
            #expect(await listening.next() == .listening)
            let other = try FakeLogind(at: bus.path, name: "org.example.other")
            other.say(isGoingToSleep: false)
            let logind = try FakeLogind(at: bus.path)
            logind.say(isGoingToSleep: false)
            #expect(await listening.next() == .woke)
            bus.stop()
            // There was one signal: what comes next is the end.
            #expect(await listening.next() == .unheard(reason: "the connection was closed"))
        }
    }

    @Test func aBusThatComesLateOrGoesIsFoundAgain() async throws {
        let bus = try MessageBus()
        try await Listening.run(at: bus.address) { listening in
            #expect(await listening.next() == .unheard(reason: "no such file or directory"))
            listening.clock.advance(by: .seconds(10))
            #expect(await listening.next() == .unheard(reason: "no such file or directory"))
            try bus.start()
            listening.clock.advance(by: .seconds(20))
            #expect(await listening.next() == .listening)
            bus.stop()
            #expect(await listening.next() == .unheard(reason: "the connection was closed"))
            try bus.start()
            listening.clock.advance(by: .seconds(10))
            #expect(await listening.next() == .listening)
            try FakeLogind(at: bus.path).say(isGoingToSleep: false)
            #expect(await listening.next() == .woke)
        }
    }

    @Test(arguments: [
        "tcp:host=127.0.0.1,port=1", "unixexec:path=/bin/true", "unix:abstract=bus", "unix:path=/a%20b", "",
    ])
    func onlyASocketWithAPathIsUsed(address: String) async throws {
        try await Listening.run(at: address) { listening in
            #expect(
                await listening.next() == .unheard(reason: "DBUS_SYSTEM_BUS_ADDRESS names no socket with a path"))
        }
    }
}

/// One who listens, on a loop of its own, with a clock that the test moves.
private final class Listening: @unchecked Sendable {
    let clock = SettableClock()
    private var events: AsyncStream<SleepEvent>.Iterator

    private init(_ events: AsyncStream<SleepEvent>) { self.events = events.makeAsyncIterator() }

    func next() async -> SleepEvent? { await events.next() }

    static func run(at address: String, _ body: (Listening) async throws -> Void) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: SleepEvent.self)
        let listening = Listening(events)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let clock = listening.clock
        let held = try await loop.submit {
            let timer = try LoopTimer(on: loop, clock: clock)
            let watch = SystemBusSleep(address: address).watch(by: timer) { continuation.yield($0) }
            return NIOLoopBound((timer, watch), eventLoop: loop)
        }.get()
        let result: Result<Void, any Error>
        do { result = .success(try await body(listening)) } catch { result = .failure(error) }
        try await loop.submit {
            held.value.1.close()
            held.value.0.close()
        }.get()
        try result.get()
    }
}

/// A dbus-daemon on a socket of its own.
private final class MessageBus {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/dbus-daemon")

    private let directory: TemporaryDirectory
    private var process: Process?
    let path: String
    var address: String { "unix:path=\(path)" }

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("bus")
        try directory.write(
            "bus.conf",
            """
            <busconfig><type>system</type><listen>unix:path=\(path)</listen><auth>EXTERNAL</auth>
            <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
            <allow send_type="signal"/><allow receive_sender="*"/></policy></busconfig>
            """.utf8)
    }

    /// Returns when it listens.
    func start() throws {
        let process = Process()
        let said = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/dbus-daemon")
        process.arguments = ["--config-file=\(directory.path("bus.conf"))", "--nofork", "--print-address=1"]
        process.standardOutput = said
        try process.run()
        self.process = process
        #expect(!said.fileHandleForReading.availableData.isEmpty)
    }

    func stop() {
        guard let process else { return }
        // The threads of tests block the signals that would end it in good order.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    deinit { stop() }
}

/// Owns logind's name on a bus, and says what it says. It blocks.
private final class FakeLogind {
    private let descriptor: CInt

    init(at path: String, name: String = "org.freedesktop.login1") throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        let bytes = Array(path.utf8)
        try #require(clinux_connect_path(descriptor, bytes, bytes.count) == 0)
        send([0] + Array("AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n".utf8))
        call("Hello", serial: 1)
        send(
            BusBytes(kind: 1, serial: 2, fields: Self.fields("RequestName", signature: "su"), text: name, more: 0).bytes
        )
        // NameAcquired, which the bus sends with its answer.
        var answers: [UInt8] = []
        while !String(decoding: answers, as: UTF8.self).contains(name) {
            var part = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &part, part.count, 0)
            try #require(count > 0)
            answers += part.prefix(count)
        }
    }

    func say(isGoingToSleep: Bool) {
        let fields: [BusBytes.Field] = [
            .text(1, "/org/freedesktop/login1"), .text(2, "org.freedesktop.login1.Manager"),
            .text(3, "PrepareForSleep"),
            .text(8, "b"),
        ]
        send(BusBytes(kind: 4, serial: 3, fields: fields, flag: isGoingToSleep).bytes)
    }

    private func call(_ method: String, serial: UInt32) {
        send(BusBytes(kind: 1, serial: serial, fields: Self.fields(method, signature: nil)).bytes)
    }

    private static func fields(_ method: String, signature: String?) -> [BusBytes.Field] {
        let bus = "org.freedesktop.DBus"
        return [.text(1, "/org/freedesktop/DBus"), .text(2, bus), .text(3, method), .text(6, bus)]
            + (signature.map { [.text(8, $0)] } ?? [])
    }

    private func send(_ bytes: [UInt8]) { #expect(Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count) }

    deinit { close(descriptor) }
}
