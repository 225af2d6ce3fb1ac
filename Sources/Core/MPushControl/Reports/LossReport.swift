package import MPushJSON
package import MPushTime

/// Why a connection ended, or could not be made.
package struct LossReport: ControlValue {
    /// A code of the closed list: `missed-reads`.
    package let cause: String
    /// The cause in words: `missed reads (2 in a row, 201 s silent)`.
    package let sentence: String
    /// More, where there is more: the reason of a TLS failure as its code, `expired`.
    package var detail: String?
    package let ended: WallTime

    package init(cause: String, sentence: String, ended: WallTime) {
        self.cause = cause
        self.sentence = sentence
        self.ended = ended
    }
}

extension LossReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        cause = try object.text("cause")
        sentence = try object.text("sentence")
        detail = try object.textIfPresent("detail")
        ended = try object.time("ended_at")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("cause", cause)
        object.add("sentence", sentence)
        object.add("detail", detail)
        object.add("ended_at", ended)
        return object.json
    }
}
