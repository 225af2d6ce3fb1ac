package import MPushJSON
package import MPushModel

/// What was learnt of how long a network keeps a connection on which nothing is said: `ping_every = "auto"`.
package struct KeepaliveReport: ControlValue {
    /// `192.0.2.0/24 via 192.0.2.1`
    package let network: String
    package let reading: KeepaliveReading
    /// `this network forgets after about 60 s: asking every 51 s`
    package let sentence: String

    /// Of `network`, in which the server is asked every `interval`.
    package init(network: String, _ reading: KeepaliveReading, asking interval: Duration) {
        self.network = network
        self.reading = reading
        sentence = reading.sentence(asking: interval)
    }
}

extension KeepaliveReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        network = try object.text("network")
        reading = KeepaliveReading(
            kept: try object.durationIfPresent("kept_seconds"),
            forgotten: try object.durationIfPresent("forgotten_seconds"),
            isSettled: try object.truthIfPresent("settled") ?? false)
        sentence = try object.text("sentence")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("network", network)
        object.add("kept_seconds", reading.kept)
        object.add("forgotten_seconds", reading.forgotten)
        object.add("settled", reading.isSettled)
        object.add("sentence", sentence)
        return object.json
    }
}
