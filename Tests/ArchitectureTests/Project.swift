import Foundation

/// Files of the project beside its sources.
enum Project {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// The paths of all files below `folder`, from the root.
    static func files(below folder: String) throws -> [String] {
        let base = root.appending(path: folder)
        return try FileManager.default.subpathsOfDirectory(atPath: base.path).sorted().map { "\(folder)/\($0)" }
            .filter { path in
                var isFolder: ObjCBool = false
                let isThere = FileManager.default.fileExists(
                    atPath: root.appending(path: path).path, isDirectory: &isFolder)
                return isThere && !isFolder.boolValue
            }
    }
}
