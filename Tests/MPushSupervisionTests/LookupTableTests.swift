import MPushModel
import MPushSupervision
import Testing

/// Who hears what of a name's addresses, and when (RFC 8305 section 3). Addresses of the sixth version begin with a 6.
@Suite struct LookupTableTests {
    private typealias Table = LookupTable<String>
    private let start = Instant.zero + .seconds(100)

    /// A table, with what it asked and answered.
    private struct Bench {
        var table = Table()
        var questions: [Table.Question] = []
        var answers: [Table.Asker: [NameAnswer<String>]] = [:]

        mutating func run(_ actions: [Table.Action]) {
            for action in actions {
                switch action {
                case .ask(let question): questions.append(question)
                case .answer(let asker, let answer): answers[asker, default: []].append(answer)
                }
            }
        }

        mutating func ask(
            _ host: String, for purpose: LookupPurpose = .server, usesOld: Bool = true, at now: Instant
        ) -> Table.Asker {
            let (asker, actions) = table.asked(host, port: 1, for: purpose, usesOld: usesOld, at: now)
            run(actions)
            return asker
        }

        mutating func answer(
            _ host: String, _ family: AddressFamily, _ result: Result<[String], LookupFailure>,
            for purpose: LookupPurpose = .server, at now: Instant
        ) {
            let index = questions.firstIndex { $0.host == host && $0.family == family && $0.purpose == purpose }
            guard let index else {
                Issue.record("\(host) \(family) was not asked")
                return
            }
            run(table.answered(questions.remove(at: index), result, at: now))
        }

        mutating func wait(until now: Instant) { run(table.deadlineReached(at: now)) }

        func addresses(of asker: Table.Asker) -> [[String]] { (answers[asker] ?? []).map(\.addresses) }
    }

    private let unknown = LookupFailure(detail: "unknown", isDefinite: true)
    private let silent = LookupFailure(detail: "no answer")

    @Test func bothFamiliesAreAskedAndV6IsHandedOutAtOnce() {
        var bench = Bench()
        let asker = bench.ask("a", at: start)
        #expect(Set(bench.questions.map(\.family)) == [.v4, .v6])
        bench.answer("a", .v6, .success(["6a"]), at: start)
        bench.answer("a", .v4, .success(["4a"]), at: start + .seconds(3))
        #expect(bench.addresses(of: asker) == [["6a"], ["4a"]])
        #expect(bench.answers[asker]?.map(\.isLast) == [false, true])
        #expect(bench.table.isIdle && bench.table.nextDeadline == nil)
    }

    @Test func v4WaitsFiftyMillisecondsForV6() {
        var bench = Bench()
        let asker = bench.ask("a", at: start)
        bench.answer("a", .v4, .success(["4a"]), at: start)
        #expect(bench.table.nextDeadline == start + .milliseconds(50))
        bench.answer("a", .v6, .success(["6a"]), at: start + .milliseconds(20))
        #expect(bench.addresses(of: asker) == [["6a", "4a"]])
    }

    /// Routers at home drop the question for AAAA.
    @Test func v6WithoutAnAnswerCostsFiftyMilliseconds() {
        var bench = Bench()
        let asker = bench.ask("a", at: start)
        bench.answer("a", .v4, .success(["4a"]), at: start)
        bench.wait(until: start + .milliseconds(49))
        #expect(bench.addresses(of: asker) == [])
        bench.wait(until: start + .milliseconds(50))
        #expect(bench.addresses(of: asker) == [["4a"]])
        bench.answer("a", .v6, .failure(silent), at: start + .seconds(15))
        #expect(bench.answers[asker]?.last?.isLast == true && bench.answers[asker]?.last?.failure == nil)
    }

    @Test func v6ThatFailsReleasesV4() {
        var bench = Bench()
        let asker = bench.ask("a", at: start)
        bench.answer("a", .v4, .success(["4a"]), at: start)
        bench.answer("a", .v6, .failure(unknown), at: start + .milliseconds(1))
        #expect(bench.addresses(of: asker) == [["4a"]])
        #expect(bench.answers[asker]?.first?.isLast == true)
    }

    @Test func whatLeavesItOpenIsTheFailureThatIsTold() {
        for (first, second) in [(unknown, silent), (silent, unknown)] {
            var bench = Bench()
            let asker = bench.ask("a", at: start)
            bench.answer("a", .v4, .failure(first), at: start)
            bench.answer("a", .v6, .failure(second), at: start)
            #expect(bench.answers[asker]?.map(\.failure) == [silent])
        }
    }

    /// 200 identities on one name are one question for each family.
    @Test func aQuestionIsSharedByAllWhoWait() {
        var bench = Bench()
        let askers = (0..<200).map { _ in bench.ask("a", at: start) }
        #expect(bench.questions.count == 2)
        bench.answer("a", .v6, .failure(unknown), at: start + .seconds(5))
        bench.answer("a", .v4, .success(["4a"]), at: start + .seconds(5))
        #expect(askers.allSatisfy { bench.addresses(of: $0) == [["4a"]] })
        _ = bench.ask("a", at: start + .seconds(6))
        #expect(bench.questions.count == 2)
    }

    @Test func oneWhoComesLaterSharesWhatHangsAndAsksTheRestAnew() {
        var bench = Bench()
        _ = bench.ask("a", at: start)
        bench.answer("a", .v4, .success(["4a"]), at: start)
        let second = bench.ask("a", at: start + .seconds(9))
        #expect(bench.questions.map(\.family).sorted { "\($0)" < "\($1)" } == [.v4, .v6])
        bench.answer("a", .v4, .success(["4b"]), at: start + .seconds(9))
        bench.wait(until: start + .seconds(9) + .milliseconds(50))
        #expect(bench.addresses(of: second) == [["4b"]])
    }

    @Test func oldAddressesAreUsedWhereNoAnswerComesInASecond() {
        var bench = Bench()
        _ = bench.ask("a", at: start)
        bench.answer("a", .v4, .success(["4a"]), at: start)
        bench.answer("a", .v6, .success(["6a"]), at: start)
        let (willing, strict) = (bench.ask("a", at: start), bench.ask("a", usesOld: false, at: start))
        #expect(bench.table.nextDeadline == start + .seconds(1))
        bench.wait(until: start + .seconds(1))
        #expect(bench.addresses(of: willing) == [["6a", "4a"]] && bench.addresses(of: strict) == [])
        #expect(bench.answers[willing]?.first?.areOld == true)
        bench.answer("a", .v4, .success(["4b"]), at: start + .seconds(5))
        bench.answer("a", .v6, .failure(unknown), at: start + .seconds(5))
        #expect(bench.addresses(of: willing) == [["6a", "4a"], ["4b"]] && bench.addresses(of: strict) == [["4b"]])
    }

    @Test func oldAddressesAreUsedWhereTheNameServerFailsAndNotWhereItKnows() {
        for (failure, isUsed) in [(silent, true), (unknown, false)] {
            var bench = Bench()
            _ = bench.ask("a", at: start)
            bench.answer("a", .v4, .success(["4a"]), at: start)
            bench.answer("a", .v6, .failure(unknown), at: start)
            let asker = bench.ask("a", at: start)
            bench.answer("a", .v4, .failure(failure), at: start)
            bench.answer("a", .v6, .failure(unknown), at: start)
            #expect(bench.addresses(of: asker) == [isUsed ? ["4a"] : []])
            #expect(bench.answers[asker]?.first?.failure == failure)
        }
    }

    @Test func whoCancelsLeavesTheQueue() {
        var bench = Bench()
        let many = (0..<Table.mostQuestions).map { bench.ask("n\($0)", at: start) }
        #expect(bench.questions.count == Table.mostQuestions)
        for asker in many { bench.table.cancelled(asker) }
        #expect(bench.table.nextDeadline == nil)
        // Those under way go on; of those that waited none is asked any more.
        _ = bench.ask("last", at: start)
        for question in bench.questions { bench.run(bench.table.answered(question, .failure(silent), at: start)) }
        #expect(Set(bench.questions[Table.mostQuestions...].map(\.host)) == ["last"])
    }

    /// A resolver may never come back: the name of a server that is looked up then would be lost until the next start.
    @Test func whatHangsIsAskedOnceMore() {
        var bench = Bench()
        bench.table.cancelled(bench.ask("a", at: start))
        bench.table.cancelled(bench.ask("a", at: start + .seconds(59)))
        #expect(bench.questions.count == 2)
        let asker = bench.ask("a", at: start + .seconds(60))
        #expect(bench.questions.count == 4)
        bench.answer("a", .v4, .success(["4a"]), at: start + .seconds(61))
        bench.answer("a", .v6, .failure(unknown), at: start + .seconds(61))
        #expect(bench.addresses(of: asker) == [["4a"]])
        // What is left hangs, and nobody waits for it.
        let next = bench.ask("a", at: start + .seconds(62))
        #expect(bench.questions.count == 4)
        bench.answer("a", .v4, .success(["4b"]), at: start + .seconds(62))
        bench.answer("a", .v6, .failure(unknown), at: start + .seconds(62))
        #expect(bench.addresses(of: next) == [["4b"]])
        for question in bench.questions { bench.run(bench.table.answered(question, .failure(silent), at: start)) }
        #expect(bench.table.isIdle)
    }

    @Test func whatHangsIsAskedAFewTimesAndCounts() {
        var bench = Bench()
        for minute in 0..<9 { _ = bench.ask("a", at: start + .seconds(60 * minute)) }
        #expect(bench.questions.count == 2 * Table.mostRepeats)
        for number in 0..<Table.mostQuestions { _ = bench.ask("n\(number)", at: start + .seconds(600)) }
        #expect(bench.questions.count == Table.mostQuestions)
    }

    @Test func whatHasBeenAnsweredIsNotAskedOnceMoreWhenAPlaceIsFree() {
        var bench = Bench()
        let first = bench.ask("a", at: start)
        for number in 1..<Table.mostQuestions { _ = bench.ask("n\(number)", at: start) }
        let second = bench.ask("a", at: start + .seconds(60))
        bench.answer("a", .v4, .success(["4a"]), at: start + .seconds(61))
        bench.answer("a", .v6, .failure(unknown), at: start + .seconds(61))
        #expect(bench.addresses(of: first) == [["4a"]] && bench.addresses(of: second) == [["4a"]])
        for question in bench.questions {
            bench.run(bench.table.answered(question, .failure(silent), at: start + .seconds(62)))
        }
        #expect(!bench.questions.contains { $0.host == "a" })
    }

    @Test func aRoutesSilentNamesDoNotKeepAServersWaiting() {
        var bench = Bench()
        for number in 0..<1000 { _ = bench.ask("n\(number)", for: .route, at: start) }
        #expect(bench.questions.count == Table.mostQuestions)
        _ = bench.ask("push", at: start)
        #expect(bench.questions.suffix(2).map(\.host) == ["push", "push"])
        // The same name for a route is a question of its own.
        _ = bench.ask("n999", at: start)
        #expect(bench.questions.suffix(2).map(\.purpose) == [.server, .server])
    }

    @Test func whatIsKeptIsBounded() {
        var bench = Bench()
        for number in 0..<1000 {
            _ = bench.ask("n\(number)", at: start)
            bench.answer("n\(number)", .v4, .success(["4a"]), at: start)
            bench.answer("n\(number)", .v6, .failure(unknown), at: start)
        }
        let (old, new) = (bench.ask("n0", at: start), bench.ask("n999", at: start))
        bench.wait(until: start + .seconds(1))
        #expect(bench.addresses(of: old) == [] && bench.addresses(of: new) == [["4a"]])
        let askers = (0...Table.mostAskers).map { _ in bench.ask("many", at: start) }
        #expect(bench.answers[askers[Table.mostAskers]]?.first?.failure != nil)
    }
}
