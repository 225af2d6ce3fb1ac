package import MPushJSON

/// `POST /v1/reload`: nothing to say besides.
package struct ReloadRequest: ControlValue {
    package init() {
    }
}

extension ReloadRequest {
    package init(json: JSONValue) throws(ControlError) {
        try ObjectReader(json).allowOnly()
    }

    package var json: JSONValue { .object([JSONMember]()) }
}
