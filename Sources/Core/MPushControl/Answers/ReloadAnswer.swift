package import MPushJSON

/// The configuration that is in force after `POST /v1/reload`.
package struct ReloadAnswer: ControlValue {
    package let file: String
    /// What is in it, in a few words: `1 identity, 1 endpoint, 2 routes`.
    package let summary: String
    /// What is taken, but should be read by somebody: a line each.
    package let warnings: [String]

    package init(file: String, summary: String, warnings: [String]) {
        self.file = file
        self.summary = summary
        self.warnings = warnings
    }
}

extension ReloadAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        file = try object.text("file")
        summary = try object.text("summary")
        warnings = try object.texts("warnings")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("file", file)
        object.add("summary", summary)
        object.add("warnings", warnings)
        return object.json
    }
}
