package import MPushJSON
package import MPushModel

extension RouteStatus: ControlValue {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        self.init(name: try object.text("name"), kind: try object.text("kind"))
        state = try object.wordIfPresent("state") ?? .idle
        if try object.truthIfPresent("paused") ?? false {
            pause = try object.durationIfPresent("paused_for_seconds").map(RoutePause.lasting) ?? .untilResumed
        }
        done = try object.number("done")
        doneLastMinute = try object.numberIfPresent("done_last_minute") ?? 0
        passed = try object.number("passed")
        failures = try object.number("failures")
        waiting = try object.number("waiting")
        running = try object.number("running")
        deadLetters = try object.number("dead_letters")
        buried = try object.number("buried")
        oldestWaiting = try object.durationIfPresent("oldest_waiting_seconds")
        lastFailure = try object.textIfPresent("last_failure")
        targetDownFor = try object.durationIfPresent("target_down_seconds")
        nextAttempt = try object.durationIfPresent("next_attempt_seconds")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("name", name)
        object.add("kind", kind)
        object.add("state", state.rawValue)
        object.add("paused", pause != nil)
        if case .lasting(let time)? = pause { object.add("paused_for_seconds", time) }
        object.add("done", done)
        object.add("done_last_minute", doneLastMinute)
        object.add("passed", passed)
        object.add("failures", failures)
        object.add("waiting", waiting)
        object.add("running", running)
        object.add("dead_letters", deadLetters)
        object.add("buried", buried)
        object.add("oldest_waiting_seconds", oldestWaiting)
        object.add("last_failure", lastFailure)
        object.add("target_down_seconds", targetDownFor)
        object.add("next_attempt_seconds", nextAttempt)
        return object.json
    }
}
