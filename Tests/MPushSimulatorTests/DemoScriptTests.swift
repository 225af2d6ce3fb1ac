import MPushModel
import MPushSimulator
import Testing

/// The play itself: it can be passed, it fails by every single thing that does not happen, and it is short.
@Suite struct DemoScriptTests {
    @Test func aGoodWorldPasses() {
        var rehearsal = DemoRehearsal()
        rehearsal.run()
        #expect(rehearsal.complaints == [])
        #expect(rehearsal.isFinished)
        #expect(rehearsal.director.exitStatus == 0)
        #expect(rehearsal.director.result.scenes == 1)
        let expectations = DemoScript.acts(ofScene: 1).flatMap(\.expectations)
        #expect(rehearsal.director.result.passed == expectations.count + 1, "all of them, and the orderly end")
    }

    @Test(arguments: DemoScript.acts(ofScene: 1).flatMap { act in act.expectations.map { (act, $0) } })
    func whatDoesNotHappenIsNamed(act: DemoAct, expectation: DemoExpectation) {
        let occurrences = DemoScript.acts(ofScene: 1).filter { $0.expectations.contains(expectation) }
        var rehearsal = DemoRehearsal(omits: { $0 == expectation })
        rehearsal.run()
        let expected = occurrences.map {
            "no \(expectation.what) within \(expectation.deadline.humanReadable) \($0.occasion)"
        }
        #expect(rehearsal.complaints == expected)
        #expect(rehearsal.isFinished)
        #expect(rehearsal.director.exitStatus == 1)
    }

    @Test func pausesLeaveASceneShort() {
        let pauses = DemoDirector.announcement + DemoDirector.rest
        #expect(pauses * DemoScript.acts(ofScene: 1).count < .seconds(12))
    }

    @Test func onlyTheFirstSceneStartsMpushd() {
        #expect(DemoScript.acts(ofScene: 1).filter { $0.stimuli.contains(.startDaemon) }.count == 1)
        #expect(!DemoScript.acts(ofScene: 2).contains { $0.stimuli.contains(.startDaemon) })
    }

    @Test func everyMessageIsLikeNoOther() {
        let texts = (1...2).flatMap { DemoScript.acts(ofScene: $0) }.flatMap(\.stimuli).compactMap { stimulus in
            if case .push(let text, _) = stimulus { text } else { nil }
        }
        #expect(texts.count == 11)
        #expect(Set(texts).count == texts.count)
    }

    @Test func whatItExpectsOfAMessageIsInMpushdsJSON() throws {
        let line =
            #"{"position":1,"id":"1f7aa7d624d11fe1-1","identity":"alice","user":"alice","#
            + #""received":"2026-11-25T12:48:34.583Z","content":"Good morning, alice (scene 1)"}"#
        let patterns = DemoScript.acts(ofScene: 1).flatMap(\.expectations).flatMap(\.patterns)
        #expect(patterns.filter { $0.matches(.message(line)) }.count == 1)
    }
}
