import Foundation
import MPushPlatform
import MPushSystemd
import MPushTestSupport
import Testing

/// One after the other: libsystemd reads the environment of the process, which all tests share.
@Suite(.serialized) struct ServiceNotifierTests {
    private let socket: NotifySocket
    private let notifier: ServiceNotifier

    init() throws {
        socket = try NotifySocket()
        setenv("NOTIFY_SOCKET", socket.path, 1)
        notifier = ServiceNotifier(clock: MachineClock())
    }

    @Test func saysThatItIsReadyAndHowItFares() {
        #expect(notifier.isListenedTo)
        #expect(notifier.ready(status: "online as alice") == .sent)
        #expect(socket.next() == ["READY=1", "STATUS=online as alice"])
        #expect(notifier.status("waiting") == .sent)
        #expect(socket.next() == ["STATUS=waiting"])
        #expect(notifier.stopping(status: "stopping") == .sent)
        #expect(socket.next() == ["STOPPING=1", "STATUS=stopping"])
        #expect(notifier.watchdog() == .sent)
        #expect(socket.next() == ["WATCHDOG=1"])
        #expect(socket.next() == nil)
    }

    @Test func stampsAReloadWithTheMonotonicClock() throws {
        let before = monotonicMicroseconds()
        #expect(notifier.reloading() == .sent)
        let after = monotonicMicroseconds()
        let lines = try #require(socket.next())
        #expect(lines.count == 2 && lines.first == "RELOADING=1")
        let stamp = try #require(lines.last?.split(separator: "=").last.flatMap { Int64($0) })
        #expect(lines.last?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect((before...after).contains(stamp))
    }

    @Test func aLineBreakInTheStatusSetsNoField() throws {
        notifier.status("as mallory\nWATCHDOG=trigger\r\nMAINPID=1")
        let lines = try #require(socket.next())
        #expect(lines == ["STATUS=as mallory\\nWATCHDOG=trigger\\r\\nMAINPID=1"])
    }

    @Test func cutsALongStatus() throws {
        #expect(notifier.ready(status: String(repeating: "é", count: 5000)) == .sent)
        let lines = try #require(socket.next())
        #expect(lines.first == "READY=1")
        let status = try #require(lines.last)
        #expect(status.utf8.count <= "STATUS=".utf8.count + ServiceNotifier.longestStatus)
        #expect(status.hasSuffix("é…"))
    }

    @Test func extendsTheTimeoutByWholeMicroseconds() {
        #expect(notifier.extendTimeout(by: .milliseconds(1500)) == .sent)
        #expect(socket.next() == ["EXTEND_TIMEOUT_USEC=1500000"])
        #expect(notifier.extendTimeout(by: .zero) == .failed(errno: EINVAL))
        #expect(notifier.extendTimeout(by: .seconds(-3)) == .failed(errno: EINVAL))
        #expect(socket.next() == nil)
    }

    @Test func doesNothingWhenNobodyListens() {
        unsetenv("NOTIFY_SOCKET")
        let notifier = ServiceNotifier(clock: MachineClock())
        #expect(!notifier.isListenedTo)
        #expect(notifier.ready(status: "online") == .nobodyListens)
        #expect(notifier.reloading() == .nobodyListens)
        #expect(socket.next() == nil)
    }

    @Test func saysWhyItCouldNotTell() {
        setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1)
        #expect(ServiceNotifier(clock: MachineClock()).watchdog() == .failed(errno: ENOENT))
    }

    @Test func pingsTwiceInEachTimeout() {
        setenv("WATCHDOG_USEC", "30000000", 1)
        setenv("WATCHDOG_PID", String(getpid()), 1)
        #expect(WatchdogInterval.ofThisProcess()?.timeout == .seconds(30))
        #expect(WatchdogInterval.ofThisProcess()?.pingEvery == .seconds(15))
        setenv("WATCHDOG_PID", "1", 1)
        #expect(WatchdogInterval.ofThisProcess() == nil)
        unsetenv("WATCHDOG_PID")
        unsetenv("WATCHDOG_USEC")
        #expect(WatchdogInterval.ofThisProcess() == nil)
    }

    private func monotonicMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
