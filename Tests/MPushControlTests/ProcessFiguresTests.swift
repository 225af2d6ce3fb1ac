import MPushControl
import Testing

/// What the kernel says of the process.
@Suite struct ProcessFiguresTests {
    /// A line of proc_pid_stat(5), with a program whose name has all that is awkward in it.
    private static let line = """
        812 (a b) (c) S 1 812 812 0 -1 4194560 1000 0 10 0 250 150 0 0 20 0 3 0 100 104857600 512 18446744073709551615 1 1 0

        """

    @Test func theFieldsAreThoseOfTheManual() throws {
        let figures = try #require(ProcessFigures(stat: Array(Self.line.utf8), ticks: 100, pageSize: 4096))
        #expect(figures.processorSeconds == 4)
        #expect(figures.threads == 3)
        #expect(figures.virtualMemory == 104_857_600)
        #expect(figures.residentMemory == 512 * 4096)
    }

    @Test(arguments: ["", "812 (a", "812 (a) S", "812 (a) S 1 2 x"])
    func whatIsCutOffIsNothing(text: String) {
        #expect(ProcessFigures(stat: Array(text.utf8), ticks: 100, pageSize: 4096) == nil)
    }

    @Test func theSoftLimitOfFilesCounts() {
        let limits = "Limit   Soft Limit  Hard Limit  Units\nMax open files            1024    524288    files\n"
        #expect(ProcessFigures.mostDescriptors(limits: Array(limits.utf8)) == 1024)
        let none = "Max open files            unlimited    unlimited    files\n"
        #expect(ProcessFigures.mostDescriptors(limits: Array(none.utf8)) == nil)
    }
}
