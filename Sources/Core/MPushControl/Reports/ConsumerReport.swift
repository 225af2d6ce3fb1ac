package import MPushJSON

/// The named followers.
package struct ConsumerList: ControlValue, ControlAnswer {
    package let consumers: [ConsumerReport]

    package init(consumers: [ConsumerReport]) {
        self.consumers = consumers
    }
}

extension ConsumerList {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        consumers = try object.list("consumers")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("consumers", consumers)
        return object.json
    }
}

/// A named follower, connected or not.
package struct ConsumerReport: ControlValue {
    package let name: String
    /// The position up to which it has acknowledged everything.
    package let cursor: Int64
    /// Messages beyond the cursor that it has acknowledged one by one.
    package let acknowledgedAhead: Int
    package let isConnected: Bool

    package init(name: String, cursor: Int64, acknowledgedAhead: Int, isConnected: Bool) {
        self.name = name
        self.cursor = cursor
        self.acknowledgedAhead = acknowledgedAhead
        self.isConnected = isConnected
    }
}

extension ConsumerReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        name = try object.text("name")
        cursor = try object.number("cursor")
        acknowledgedAhead = try object.number("acknowledged_ahead")
        isConnected = try object.truth("connected")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("name", name)
        object.add("cursor", cursor)
        object.add("acknowledged_ahead", acknowledgedAhead)
        object.add("connected", isConnected)
        return object.json
    }
}

/// `POST /v1/consumers/NAME/acks`: what a named follower has had.
package enum AckRequest: ControlValue {
    /// `position` or `positions`: each of these, 1 to 10,000.
    case positions([Int64])
    /// `up_to`: this one and all before it.
    case upTo(Int64)

    /// Positions in one request, at most.
    package static let mostPositions = 10_000

    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        try object.allowOnly("position", "positions", "up_to")
        let position: Int64? = try object.numberIfPresent("position")
        let upTo: Int64? = try object.numberIfPresent("up_to")
        let positions = object.json("positions") == nil ? nil : try object.numbers("positions")
        switch (position, positions, upTo) {
        case (let position?, nil, nil): self = .positions([position])
        case (nil, let positions?, nil): self = .positions(positions)
        case (nil, nil, let upTo?): self = .upTo(upTo)
        default: throw ControlError(at: "", "needs one of position, positions and up_to")
        }
        try check()
    }

    package var json: JSONValue {
        switch self {
        case .positions(let positions):
            .object(["positions": .array(positions.map(JSONValue.integer))])
        case .upTo(let position): .object(["up_to": .integer(position)])
        }
    }

    private func check() throws(ControlError) {
        switch self {
        case .positions(let positions):
            guard (1...AckRequest.mostPositions).contains(positions.count) else {
                throw ControlError(at: "/positions", "must hold 1 to \(AckRequest.mostPositions) positions")
            }
            guard positions.allSatisfy({ $0 > 0 }) else { throw ControlError(at: "", "has a position below 1") }
        case .upTo(let position):
            guard position > 0 else { throw ControlError(at: "/up_to", "is below 1") }
        }
    }
}

/// What was acknowledged.
package struct AckAnswer: ControlValue, ControlAnswer {
    package let consumer: String
    /// Positions taken: one for `up_to`.
    package let acknowledged: Int

    package init(consumer: String, acknowledged: Int) {
        self.consumer = consumer
        self.acknowledged = acknowledged
    }
}

extension AckAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        consumer = try object.text("consumer")
        acknowledged = try object.number("acknowledged")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("consumer", consumer)
        object.add("acknowledged", acknowledged)
        return object.json
    }
}
