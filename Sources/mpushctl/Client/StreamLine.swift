import MPushControl
import MPushJSON
import MPushSystemd

/// A line of a stream: a value, or what is said about the stream itself.
enum StreamLine<Value: ControlValue> {
    case value(Value)
    case keepalive
    case end(String)

    /// Reads a line.
    init(_ line: [UInt8]) throws(ControlFailure) {
        do {
            let json = try JSONParser.parse(line)
            if json["keepalive"] != nil {
                self = .keepalive
            } else if let end = json["end"] {
                self = .end(try StreamEnd(json: end).reason.shown(atMost: 512))
            } else {
                self = .value(try Value(json: json))
            }
        } catch {
            throw .notUnderstood("a line: \(error)")
        }
    }
}
