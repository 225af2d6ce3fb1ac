/// What one reader made of one stream.
struct RunFigures {
    let pushes: Int
    let elapsed: Duration
    let cpu: Duration

    var pushesPerSecond: Double { Double(pushes) / elapsed.seconds }

    var microsecondsPerPush: Double { cpu.microseconds / Double(pushes) }
}
