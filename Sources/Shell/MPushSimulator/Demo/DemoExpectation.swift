/// What must be seen after an act has begun.
package struct DemoExpectation: Equatable, Sendable {
    /// A noun phrase without an article, so that "no" can stand before it.
    package let what: String
    /// What must be observed, in this order, with anything between. What the server saw must all be of one connection.
    package let patterns: [DemoPattern]
    /// Since the act began.
    package let deadline: Duration

    package init(_ what: String, _ patterns: [DemoPattern], within deadline: Duration = .seconds(10)) {
        self.what = what
        self.patterns = patterns
        self.deadline = deadline
    }
}
