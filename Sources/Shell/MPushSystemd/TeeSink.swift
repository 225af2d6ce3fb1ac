/// Hands each record to two sinks.
package struct TeeSink: LogSink {
    private let first: any LogSink
    private let second: any LogSink

    package init(_ first: any LogSink, _ second: any LogSink) {
        self.first = first
        self.second = second
    }

    package func write(_ record: LogRecord) {
        first.write(record)
        second.write(record)
    }
}
