/// Why there is no answer to a request, in words.
package struct HTTPFailure: Error, Equatable, Sendable {
    package let detail: String

    package init(_ detail: String) {
        self.detail = detail
    }
}
