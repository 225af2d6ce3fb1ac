package import MPushJSON

/// A value that goes over the local API, with its one form in JSON: names in snake_case, durations as seconds in members
/// that end in `_seconds`, times in RFC 3339 and UTC. What is nil is left out. Answers are read leniently: a member that
/// is not known is passed over, so that an older `mpushctl` understands a newer daemon. Requests are read strictly.
package protocol ControlValue: Equatable, Sendable {
    /// Reads the value from its JSON; throws what is missing or wrong, in words.
    init(json: JSONValue) throws(ControlError)
    /// The value as JSON.
    var json: JSONValue { get }
}
