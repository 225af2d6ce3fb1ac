import MPushModel
import Testing

@testable import MPushInbox

@Suite struct RoomDigestTests {
    /// An inbox that tells its digest how it is, and looks again when that is due.
    private struct Course {
        private static let start = Instant.zero + .seconds(1000)

        private var digest = RoomDigest()
        private var isFull = false
        /// What was said, by the second.
        private(set) var lines: [Int: Bool] = [:]

        mutating func change(to isFull: Bool, at second: Int) {
            self.isFull = isFull
            look(at: second)
        }

        mutating func look(at second: Int) {
            if digest.shouldSay(isFull: isFull, at: Course.start + .seconds(second)) { lines[second] = isFull }
        }

        /// The second at which it wants to look again.
        var due: Int? { digest.due.map { Int(($0 - Course.start).components.seconds) } }
    }

    @Test func saysAtOnceWhatIsNew() {
        var course = Course()
        course.change(to: false, at: 0)
        course.change(to: true, at: 10)
        course.look(at: 80)
        course.change(to: false, at: 90)
        #expect(course.lines == [10: true, 90: false])
        #expect(course.due == nil)
    }

    /// A message goes, and one comes, all the time.
    @Test func saysOneLineAMinuteWhereItIsFullNowAndThen() {
        var course = Course()
        for second in 0..<3600 {
            course.change(to: second % 2 == 0, at: second)
            if course.due == second { course.look(at: second) }
        }
        let seconds = course.lines.keys.sorted()
        #expect((2...60).contains(seconds.count))
        #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $1 - $0 >= 60 })
        #expect(zip(seconds, seconds.dropFirst()).allSatisfy { course.lines[$0] != course.lines[$1] })
    }

    @Test func saysInTheEndHowItStayed() {
        var course = Course()
        course.change(to: true, at: 0)
        course.change(to: false, at: 3)
        #expect(course.due == 60)
        course.look(at: 60)
        #expect(course.lines == [0: true, 60: false])
        #expect(course.due == nil)
    }

    @Test func saysNothingOfWhatWasOverSoon() {
        var course = Course()
        course.change(to: true, at: 0)
        course.change(to: false, at: 3)
        course.change(to: true, at: 5)
        #expect(course.lines == [0: true])
        #expect(course.due == nil)
    }
}
