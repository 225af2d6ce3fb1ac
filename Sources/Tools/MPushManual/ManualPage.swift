/// A manual page made from its template, which has the words, and from sections, which have the commands or the keys.
package struct ManualPage {
    /// The line of a template that stands for the sections.
    package static let place = "@SECTIONS@"

    package let text: String

    /// Where `template` has no place for them, the sections are left out, and the test of the pages fails.
    package init(_ template: String, sections: [String], version: String, day: String) {
        let lines = template.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        text = lines.flatMap { $0 == ManualPage.place ? sections : [$0] }
            .joined(separator: "\n")
            .split(separator: "@VERSION@", omittingEmptySubsequences: false).joined(separator: version)
            .split(separator: "@DAY@", omittingEmptySubsequences: false).joined(separator: day)
    }
}
