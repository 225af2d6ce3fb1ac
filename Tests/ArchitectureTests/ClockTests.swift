import Testing

/// One clock, handed in: what reads the time on its own cannot be simulated, and counts with another clock than the rest.
@Suite struct ClockTests {
    /// What reads a clock, or waits by one of NIO's, which stand still while the machine sleeps.
    private static let readings: Set<String> = [
        "clock_gettime", "clinux_clock_nanoseconds", "gettimeofday", "timespec_get", "ContinuousClock",
        "SuspendingClock",
        "NIODeadline", "TimeAmount", "scheduleTask", "scheduleRepeatedTask", "DispatchTime", "DispatchWallTime", "Date",
        "timerfd_create", "CLOCK_BOOTTIME", "CLOCK_REALTIME", "CLOCK_MONOTONIC", "usleep", "nanosleep", "sleep",
    ]

    @Test func onlyThePlatformReadsAClock() throws {
        for file in try SourceFile.all() where !file.path.contains("MPushPlatform") {
            let found = file.words.intersection(Self.readings)
            #expect(found.isEmpty, "\(file) reads a clock itself: \(found.sorted())")
            #expect(!file.code.contains { $0.contains(/\b(?:time|clock)\((?:nil|&\w+)?\)/) }, "\(file)")
        }
    }

    /// Programs make the machine's clock, once, and hand it on.
    @Test func onlyProgramsMakeTheMachinesClock() throws {
        for file in try SourceFile.all() where ["Core", "Shell"].contains(file.path.first) {
            if file.name == "ClockSource" { continue }
            #expect(!file.words.contains("MachineClock"), "\(file) makes a clock of its own")
        }
    }
}
