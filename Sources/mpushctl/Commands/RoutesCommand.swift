import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel

/// `mpushctl routes`
struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "The routes: list, pause, resume, test.",
        subcommands: [List.self, Pause.self, Resume.self, Test.self], defaultSubcommand: List.self)

    struct List: ControlCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List them (the default).")

        @OptionGroup var common: CommonOptions

        func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
            let list = try client.get(ControlAPI.listRoutes, NoQuery())
            if common.json { return try terminal.say(list.json.text) }
            if list.routes.isEmpty { return try terminal.say("no routes") }
            let table = RouteTable(width: common.width(on: terminal), style: Style(isColoured: terminal.isColoured))
            try terminal.say(table.lines(list.routes).joined(separator: "\n"))
        }
    }

    struct Pause: ControlCommand {
        static let configuration = CommandConfiguration(
            commandName: "pause", abstract: "Hand nothing over; messages wait. Kept over restarts.")

        @OptionGroup var common: CommonOptions

        @Argument(help: "The route's name.")
        var name: String

        @Option(
            name: .customLong("for"),
            help: ArgumentHelp("How long, such as 1h; without it, until it is resumed.", valueName: "time"))
        var time: String?

        func validate() throws {
            guard let time else { return }
            guard let span = TimeWords.span(time), span >= .seconds(1), span <= RoutePauseRequest.longest else {
                throw ValidationError("--for is 1s to 365d, such as 90s, 30min, 1h or 2d.")
            }
        }

        func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
            let pause = time.flatMap(TimeWords.span).map(RoutePause.lasting) ?? .untilResumed
            let route = try client.send(ControlAPI.pauseRoute, RoutePauseRequest(route: name, pause))
            try terminal.say(common.json ? route.json.text : RouteTable.sentence(route))
        }
    }

    struct Resume: ControlCommand {
        static let configuration = CommandConfiguration(
            commandName: "resume", abstract: "End a pause; a target that is down is tried at once.")

        @OptionGroup var common: CommonOptions

        @Argument(help: "The route's name.")
        var name: String

        func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
            let route = try client.send(ControlAPI.resumeRoute, RouteResumeRequest(route: name))
            try terminal.say(common.json ? route.json.text : RouteTable.sentence(route))
        }
    }

    struct Test: ControlCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Hand a sample to the route's real target, once.",
            discussion: """
                The sample's id begins with mpushd-test-, by which the target can tell it. It is no message of the inbox, \
                counts nowhere, is not tried again, and goes out also while the route is paused. Exit status 75 if the \
                target did not take it.
                """)

        @OptionGroup var common: CommonOptions

        @Argument(help: "The route's name.")
        var name: String

        @Option(help: ArgumentHelp("As if it had been pushed to this identity.", valueName: "name"))
        var identity: String?

        @Option(help: ArgumentHelp("The sample's content.", valueName: "text"))
        var content: String?

        func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
            var request = RouteTestRequest(route: name)
            (request.identity, request.sample) = (identity, content.map { MessageContent($0) })
            let answer = try client.send(ControlAPI.testRoute, request)
            let name = answer.route.shown(atMost: 64)
            if common.json {
                try terminal.say(answer.json.text)
            } else if answer.reason == nil {
                try terminal.say("\(name) took \(answer.id.shown(atMost: 64)) in \(answer.took.humanReadable)")
            }
            if !common.json, !answer.isWanted {
                terminal.note("The route's filter would pass such a message over.")
            }
            guard let reason = answer.reason else { return }
            throw .failed(
                "\(name) did not take \(answer.id.shown(atMost: 64)) (\(answer.result.shown(atMost: 64)) "
                    + "after \(answer.took.humanReadable)): \(reason.shown(atMost: 1024))")
        }
    }
}

/// Routes, a line each.
struct RouteTable {
    let width: Int
    let style: Style

    func lines(_ routes: [RouteStatus]) -> [String] {
        let rows = routes.map { route in
            [
                route.name.shown(atMost: 64), RouteTable.state(route), route.waiting.grouped,
                route.oldestWaiting?.humanReadable ?? "-", "\(route.doneLastMinute.grouped)/min", route.done.grouped,
                route.deadLetters.grouped, RouteTable.reason(route),
            ]
        }
        let table = ColumnTable(
            head: ["ROUTE", "STATE", "WAITING", "OLDEST", "RATE", "DONE", "DEAD", "LAST ERROR"], width: width,
            style: style)
        return table.lines(rows) { row, column, text in
            guard column == 1 else { return text }
            switch routes[row].state {
            case .down, .retrying: return style.bad(text)
            case .paused, .limited, .starting: return style.poor(text)
            case .working, .idle: return text
            }
        }
    }

    /// `paused, 58 min left`, `down for 3 min`
    static func state(_ route: RouteStatus) -> String {
        switch route.state {
        case .paused:
            if case .lasting(let time)? = route.pause { return "paused, \(time.wholeSecondsUp.humanReadable) left" }
            return "paused"
        case .down: return "down for \((route.targetDownFor ?? .zero).humanReadable)"
        case .starting, .retrying, .limited, .working, .idle: return route.state.rawValue
        }
    }

    /// What is wrong, and when the route tries again.
    static func reason(_ route: RouteStatus) -> String {
        let next = route.nextAttempt.map { "next attempt in \($0.humanReadable)" }
        let parts = [route.lastFailure?.shown(atMost: 512), next].compactMap(\.self)
        return parts.isEmpty ? "-" : parts.joined(separator: "; ")
    }

    /// What is said of a route that was paused, or goes on.
    static func sentence(_ route: RouteStatus) -> String {
        let name = route.name.shown(atMost: 64)
        let waiting = "\(route.waiting.grouped) waiting"
        switch route.pause {
        case .untilResumed?: return "\(name) is paused (\(waiting)). To go on: mpushctl routes resume \(name)"
        case .lasting(let time)?:
            // Some milliseconds of it are over already.
            return "\(name) is paused for \(time.wholeSecondsUp.humanReadable) (\(waiting))"
        case nil: return "\(name) goes on (\(waiting))"
        }
    }
}
