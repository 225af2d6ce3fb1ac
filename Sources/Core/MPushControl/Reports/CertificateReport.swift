package import MPushJSON
package import MPushTime

/// The server's certificate.
package struct CertificateReport: ControlValue {
    /// Its notAfter.
    package let expires: WallTime
    /// Whole days until then; below zero once it has ended.
    package let daysLeft: Int

    package init(expires: WallTime, daysLeft: Int) {
        self.expires = expires
        self.daysLeft = daysLeft
    }
}

extension CertificateReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        expires = try object.time("expires")
        daysLeft = try object.number("days_left")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("expires", expires)
        object.add("days_left", daysLeft)
        return object.json
    }
}
