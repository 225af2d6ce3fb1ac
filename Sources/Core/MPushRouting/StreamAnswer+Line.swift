import MPushJSON
import MPushModel

extension StreamAnswer {
    // Arrays: they are appended many thousand times a second.
    private static let beforeID = Array("{\"id\":".utf8)
    private static let afterDone = Array(",\"done\":true}\n".utf8)

    /// Appends the line that says it, with its end, as `init(line:)` reads it.
    package func append(to output: inout [UInt8]) {
        output += StreamAnswer.beforeID
        JSONText.append(id, to: &output)
        switch word {
        case .done:
            output += StreamAnswer.afterDone
            return
        case .retry(let reason, let wait):
            output += ",\"retry\":".utf8
            JSONText.append(reason, to: &output)
            if let wait {
                let milliseconds = max(0, wait.wholeMilliseconds)
                output += ",\"wait\":\(JSONNumber(Double(milliseconds) / 1000)?.text ?? "0")".utf8
            }
        case .reject(let reason):
            output += ",\"reject\":".utf8
            JSONText.append(reason, to: &output)
        }
        output += "}\n".utf8
    }
}
