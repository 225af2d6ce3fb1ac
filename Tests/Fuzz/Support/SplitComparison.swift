import MPushWire
import NIOCore

/// Proves that what is decoded does not depend on how the bytes were split on their way.
struct SplitComparison {
    private let maximumBody: Int
    private var bytes = ByteBuffer()
    private var elements: [FrameDecoder.Element] = []
    private var hasFailed = false

    init(maximumBody: Int) {
        self.maximumBody = maximumBody
    }

    mutating func appended(_ read: [UInt8]) {
        bytes.writeBytes(read)
    }

    mutating func decoded(_ element: FrameDecoder.Element) {
        elements.append(element)
    }

    mutating func failed() {
        hasFailed = true
    }

    /// Decodes all bytes again, as if they had come in one read.
    func check() throws(InvariantViolation) {
        var decoder = FrameDecoder(maximumBody: maximumBody)
        decoder.append(bytes)
        var whole: [FrameDecoder.Element] = []
        var hasFailedWhole = false
        do {
            while let element = try decoder.next() { whole.append(element) }
        } catch {
            hasFailedWhole = true
        }
        try require(whole == elements, "\(elements.count) elements in parts are \(whole.count) in one read")
        try require(hasFailedWhole == hasFailed, "an error depends on how the bytes are split")
    }
}
