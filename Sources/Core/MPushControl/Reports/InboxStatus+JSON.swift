package import MPushJSON
package import MPushModel

extension InboxStatus: ControlValue {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        self.init()
        messages = try object.number("messages")
        bytes = try object.number("bytes")
        last = MessagePosition(rawValue: try object.number("last_position"))
        stored = try object.number("stored")
        duplicates = try object.number("duplicates")
        refused = try object.number("refused")
        failed = try object.number("failed")
        dropped = try object.number("dropped")
        // A daemon of before did not say it.
        commits = try object.numberIfPresent("commits") ?? 0
        failure = try object.valueIfPresent("failure")
        isFull = try object.truth("full")
        holder = try object.valueIfPresent("held_by")
        setAside = try object.textIfPresent("set_aside")
        waiting = try object.number("waiting")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("messages", messages)
        object.add("bytes", bytes)
        object.add("last_position", last.rawValue)
        object.add("stored", stored)
        object.add("duplicates", duplicates)
        object.add("refused", refused)
        object.add("failed", failed)
        object.add("dropped", dropped)
        object.add("commits", commits)
        object.add("failure", failure)
        object.add("full", isFull)
        object.add("held_by", holder)
        object.add("set_aside", setAside)
        object.add("waiting", waiting)
        return object.json
    }
}

extension InboxHolder: ControlValue {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        let count: Int = try object.number("messages")
        switch try object.text("kind") {
        case "route": self = .consumer(.route(try object.text("name")), behind: count)
        case "follower": self = .consumer(.follower(try object.text("name")), behind: count)
        case "dead-letters": self = .deadLetters(count)
        case let kind: throw ControlError(at: "/kind", "\(kind) is none that is known")
        }
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        switch self {
        case .consumer(let name, let behind):
            switch name {
            case .route: object.add("kind", "route")
            case .follower: object.add("kind", "follower")
            }
            object.add("name", name.text)
            object.add("messages", behind)
        case .deadLetters(let count):
            object.add("kind", "dead-letters")
            object.add("messages", count)
        }
        return object.json
    }
}

extension InboxFailure: ControlValue {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        // A kind that only a later daemon knows is some trouble with the disk; the words say which.
        self.init(Kind(rawValue: try object.text("kind")) ?? .disk, try object.text("detail"))
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("kind", kind.rawValue)
        object.add("detail", detail)
        return object.json
    }
}
