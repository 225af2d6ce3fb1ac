import Testing

/// One clock, handed in: what reads the time on its own cannot be simulated, and counts with another clock than the rest.
@Suite struct ClockTests {
    /// What reads a clock, or waits by one of NIO's, which stand still while the machine sleeps.
    private static let readings: Set<String> = [
        "clock_gettime", "clinux_clock_nanoseconds", "gettimeofday", "timespec_get", "ContinuousClock",
        "SuspendingClock",
        "NIODeadline", "TimeAmount", "scheduleTask", "scheduleRepeatedTask", "DispatchTime", "DispatchWallTime", "Date",
        "timerfd_create", "clinux_clock_is_synchronised", "adjtimex", "boot_id", "CLOCK_BOOTTIME", "CLOCK_REALTIME",
        "CLOCK_MONOTONIC", "usleep", "nanosleep", "sleep",
    ]

    @Test func onlyThePlatformReadsAClock() throws {
        for file in try SourceFile.all() where !file.path.contains("MPushPlatform") {
            let found = file.words.intersection(Self.readings)
            #expect(found.isEmpty, "\(file) reads a clock itself: \(found.sorted())")
            #expect(!file.code.contains { $0.contains(/\b(?:time|clock)\((?:nil|&\w+)?\)/) }, "\(file)")
        }
    }

    /// What asks the operating system, and the files that may name it beside the one that declares it: programs take the whole
    /// of it, once, and hand it on.
    private static let realOnes: Set<String> = [
        "MachineClock", "MachineFiles", "MachineNetwork", "MachineRoutes", "ShortThreads", "ProgramRunner",
        "ProcessMemory",
        "thisOne",
    ]
    private static let mayNameThem: Set<String> = [
        "ClockSource", "MachineFiles", "MachineNetwork", "MachineRoutes", "ShortThreads", "ProgramRunner",
        "Machine+ThisOne",
        // Waits at the end of the program, when nothing else is done.
        "BackgroundSink",
    ]

    @Test func onlyProgramsMakeTheMachine() throws {
        for file in try SourceFile.all() where ["Core", "Shell"].contains(file.path.first) {
            let found = file.words.intersection(Self.realOnes)
            let isExpected = Self.mayNameThem.contains(file.name)
            #expect(found.isEmpty || isExpected, "\(file) asks the machine past what is handed in: \(found.sorted())")
            #expect(!found.isEmpty || !isExpected, "\(file) need not be listed")
        }
    }
}
