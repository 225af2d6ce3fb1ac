/// A line that a route's program wrote to its standard error, in the journal.
package enum ProgramOutput {
    /// The journal's MESSAGE_ID of it, by which a report leaves it out.
    package static let messageID = "858ff20a60914850a81b158bd90eb347"
}
