/// A part of the demo: what is done, and all that must come of it. An act is over when all of that was seen, in whatever
/// order.
package struct DemoAct: Equatable, Sendable {
    /// Says what is about to happen, in one plain sentence.
    package let caption: String
    package let stimuli: [DemoStimulus]
    /// When the expectations' time began, to stand after "within 10 s".
    package let occasion: String
    package let expectations: [DemoExpectation]

    package init(
        _ caption: String, _ stimuli: [DemoStimulus], occasion: String, expecting expectations: [DemoExpectation]
    ) {
        self.caption = caption
        self.stimuli = stimuli
        self.occasion = occasion
        self.expectations = expectations
    }

    /// Whether `observation` belongs to what this act is about.
    func provides(for observation: DemoObservation) -> Bool {
        expectations.contains { $0.patterns.contains { $0.matches(observation) } }
    }
}
