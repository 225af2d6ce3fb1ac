/// The report for people.
extension BenchReport {
    var text: String {
        [
            machineText, idleText, pushText, cpuText, reconnectText, storeText, streamText, inboxText, webhookText,
            latencyText,
            aimText,
            Self.footnotes,
        ]
        .joined(separator: "\n")
    }

    private var machineText: String {
        """
        \(machine.processor), \(machine.cores) cores, Linux \(machine.kernel), \(machine.openssl), \
        load \(Figure.short(machine.loadBefore)) before the start

        """
    }

    private var idleText: String {
        var table = TextTable(heading: [
            "A bound daemon, idle for \(Figure.fixed(idle.watchedSeconds, places: 0)) s", "",
        ])
        table.add(["memory, its share of what is shared counted (PSS)", Figure.mebibytes(idle.memory.proportional)])
        let processes = Sample(idle.memoryOfProcesses.map(Double.init))
        table.add([
            "  the least and the most of \(idle.memoryOfProcesses.count) processes",
            "\(Figure.mebibytes(Int(processes.least))) to \(Figure.mebibytes(Int(processes.greatest)))",
        ])
        table.add(["memory without a file behind it (anonymous)", Figure.mebibytes(idle.memory.anonymous)])
        table.add(["memory that is its own (USS)", Figure.mebibytes(idle.memory.own)])
        table.add(["all pages that are in memory (RSS)", Figure.mebibytes(idle.memory.resident)])
        table.add(["threads", "\(idle.threads)"])
        table.add(["context switches a minute", Figure.short(idle.switchesPerMinute)])
        table.add(["  wake-ups in all", "\(idle.voluntarySwitches)"])
        table.add(["  signs of life for the watchdog (one each)", "\(idle.watchdogSigns)"])
        table.add(["  heartbeats (two each)", "\(idle.heartbeats)"])
        table.add(["  unexplained", "\(idle.unexplained)"])
        return table.text
    }

    private var pushText: String {
        var table = TextTable(heading: [
            "Pushes a second", "daemon", "bare", "ratio", "ahead", "ratio", "frames", "ratio",
        ])
        for result in pushes {
            table.add(
                [result.name, Figure.grouped(result.daemon.pushesPerSecond)]
                    + columns(result, \.pushesPerSecond, Figure.grouped, ratios: result.rateRatios))
        }
        return table.text
    }

    private var cpuText: String {
        var table = TextTable(
            heading: [
                "CPU a push, us", "daemon", "bare", "ratio", "ahead", "ratio", "frames", "ratio", "anonymous after",
            ])
        for result in pushes {
            table.add(
                [result.name, Figure.short(result.daemon.cpuMicrosecondsPerPush)]
                    + columns(result, \.cpuMicrosecondsPerPush, Figure.short, ratios: result.cpuRatios)
                    + [Figure.mebibytes(result.memoryAfter.anonymous)])
        }
        return table.text
    }

    private func columns(
        _ result: PushResult, _ figure: KeyPath<ReaderResult, Double>, _ format: (Double) -> String,
        ratios: [String: Double]
    ) -> [String] {
        ReaderVariant.allCases.flatMap { variant in
            [
                result.readers[variant.rawValue].map { format($0[keyPath: figure]) } ?? "-",
                ratios[variant.rawValue].map { Figure.short($0) } ?? "-",
            ]
        }
    }

    private var reconnectText: String {
        var table = TextTable(
            heading: ["From lost to bound, ms", "median", "p90", "CPU", "waited before"])
        for result in reconnects {
            table.add([
                result.name, Figure.short(result.medianMilliseconds), Figure.short(result.p90Milliseconds),
                Figure.short(result.cpuMilliseconds), Figure.short(result.medianWaitMilliseconds),
            ])
        }
        return table.text
    }

    private var storeText: String {
        var table = TextTable(heading: [
            "Stored, synced and acknowledged a second", "daemon", "bare", "ratio", "batch", "CPU, us",
        ])
        for result in stores {
            table.add([
                result.name, Figure.grouped(result.daemonPerSecond), Figure.grouped(result.barePerSecond),
                Figure.short(result.ratio), "\(result.batch)", Figure.short(result.cpuMicrosecondsPerPush),
            ])
        }
        return table.text
    }

    private var streamText: String {
        var table = TextTable(heading: ["Through a stream from a backlog, a second", "messages", "CPU, us"])
        for result in streams {
            table.add([
                result.name, Figure.grouped(result.perSecond), Figure.short(result.cpuMicrosecondsPerMessage),
            ])
        }
        return table.text
    }

    private var inboxText: String {
        var table = TextTable(heading: ["The inbox, us", "with 1,000", "with all", "ratio"])
        for result in inbox {
            table.add([
                result.name, Figure.short(result.small), Figure.short(result.large), Figure.short(result.ratio),
            ])
        }
        return table.text
    }

    private var webhookText: String {
        var table = TextTable(heading: ["A backlog to a webhook, in order, a second", "daemon", "ratio", "CPU, us"])
        for result in webhooks {
            table.add([
                result.name, Figure.short(result.perSecond), Figure.short(result.ratio),
                Figure.short(result.cpuMicrosecondsPerMessage),
            ])
        }
        return table.text
    }

    private var latencyText: String {
        var table = TextTable(heading: ["One message after the other, \(latency.messages), ms", "median", "p99"])
        table.add(["from the server's write to its ACK"] + latency.ack.text)
        table.add(["from the server's write to a follower's read"] + latency.follower.text)
        table.add(["a transaction of one row, bare"] + latency.bareTransaction.text)
        table.add(["an append of 4 KiB and fdatasync"] + latency.sync.text)
        return table.text
    }

    private var aimText: String {
        var table = TextTable(heading: ["Aim", "measured", "met"])
        for aim in aims { table.add([aim.what, aim.measured, aim.isMet ? "yes" : "NO"]) }
        return table.text
    }

    private static let footnotes = """
        How it is measured
          The daemon is the release build, a process of its own; its CPU time is what the kernel counted for it.
          Pushes: a server in the benchmark answers HANDSHAKE and BIND, and has the whole stream encrypted (AES, then TLS)
          before the clock starts, so that it never is what is waited for. The clock runs from the first byte sent until
          the client has read the stream to its end and closed, or until the last ACK has come. The bare readers read the
          same plaintext stream from the same server right after the daemon, in each round; figures are medians over the
          rounds, and ratios medians of the rounds' own ratios; above 1 the daemon is better.
          bare: SSL_read into 16 KiB in a loop, in C. ahead: the same with SSL_CTX_set_read_ahead and 64 KiB.
          frames: the same as ahead, and each frame is found and its body decrypted. No bare reader acknowledges anything, and the pushes are
          one message again and again, so that the disk has no part in it.
          Stored: every message is another one. The bare inserter puts as many rows into the same table with the same pragmas
          in C, in the daemon's own mean batch (pushes by commits, from its metrics), right after it in each round; it reads
          no socket and looks for no duplicate.
          Through a stream: a program in Python that reads nothing until all is stored, and then answers for all that it
          finds at each read, by its own clock; the window is the default, 256.
          The inbox: without a daemon; a batch of 500 messages, what `status` asks, and a page from the middle, in an inbox
          with 1,000 and in one with all, in turn in each round.
          Webhooks: the inbox has all messages when the daemon starts; from the first request to the last. The server
          is in the benchmark, and answers after 100 ms, where the path has that, and after 200 ms where a connection is new,
          which is as long as a handshake of TCP takes. The ratio is to a connection for each message.
          From lost to bound: from the accepted TCP connection to the granted BIND, on loopback, as the server sees it;
          the wait before it is the configured one (100 ms, the least). CPU is the daemon's for all of a loss and return.
          Idle memory: medians of several processes, of a copy of the program that is read from the disk each time.
          PSS depends on who else has the same libraries mapped; this benchmark itself uses OpenSSL.

        """
}
