import MPushConfiguration
import MPushModel
import Testing

/// `[proxy]`, a route's own proxy, and what the environment says.
@Suite struct ProxySettingsTests {
    /// The errors of a file whose `[proxy]` has its first key on line 7, without the file's name.
    private func errors(_ lines: String, in environment: FakeEnvironment = FakeEnvironment()) -> String {
        MPushConfigurationTests.errors(minimal + "[proxy]\n" + lines, in: environment)
            .replacing(fileName + ":", with: "")
    }

    private func settings(_ lines: String, in environment: FakeEnvironment = FakeEnvironment()) throws -> ProxySettings
    {
        try parse(minimal + "[proxy]\n" + lines, in: environment).proxy
    }

    @Test func nothingIsTheDefault() throws {
        let proxy = try parse(minimal).proxy
        #expect(proxy.secure == nil && proxy.plain == nil && proxy.exceptions.isEmpty && proxy.fallback == .none)
    }

    @Test func allKeysAreRead() throws {
        let proxy = try settings(
            """
            url = "https://Proxy.example.com:3128"
            user = "mpushd"
            password_file = "/etc/mpushd/proxy"
            ca_file = "/etc/mpushd/ca.pem"
            no_proxy = ["localhost", "10.0.0.0/8"]
            fallback = "direct"
            """)
        #expect(proxy.secure?.url.description == "https://proxy.example.com:3128" && proxy.secure?.user == "mpushd")
        #expect(proxy.plain == proxy.secure && proxy.fallback == .direct && proxy.exceptions.count == 2)
        #expect(proxy.authorities?.path == "/etc/mpushd/ca.pem")
    }

    @Test(arguments: [
        (
            "url = \"http://alice:s3cret@proxy:3128\"",
            "7: proxy.url: this holds a user, which everybody sees who sees the URL. Write it in a key of its own, and the password in a file."
        ),
        (
            "url = \"proxy:3128\"",
            "7: proxy.url: this is not the URL of a proxy. Write http://host:port, https://host:port or socks5://host:port."
        ),
        (
            "url = \"http://proxy\"\nuser = \"a\"",
            "8: proxy.user: has no effect without a password. Write password_file = \"$CREDENTIALS_DIRECTORY/proxy\" as well."
        ),
        (
            "url = \"http://proxy\"\npassword = \"p\"",
            "8: proxy.password: has no effect without proxy.user. Write both or neither."
        ),
        (
            "url = \"http://proxy\"\nuser = \"a:b\"\npassword = \"p\"",
            "8: proxy.user: \"a:b\" has a colon or a control character in it."
        ),
        (
            "url = \"socks5://proxy\"\nca_file = \"/etc/mpushd/ca.pem\"",
            "8: proxy.ca_file: has no effect with socks5. Leave it out, or use https."
        ),
        (
            "url = \"http://proxy\"\nno_proxy = [\"10.0.0.0/8\", \"10.0.0.0/40\"]",
            "8: proxy.no_proxy[2]: \"10.0.0.0/40\" is not a name, an address or a network. Write example.com, .example.com, 192.0.2.7 or 10.0.0.0/8."
        ),
        (
            "url = \"http://proxy\"\nfallback = \"none!\"",
            "8: proxy.fallback: \"none!\" is not known. Write \"none\" or \"direct\"."
        ),
        (
            "ca_file = \"/etc/mpushd/ca.pem\"",
            "7: proxy.ca_file: has no effect without proxy.url. Write it, or leave this out."
        ),
    ])
    func whatIsWrongIsSaidWithItsLine(lines: String, message: String) {
        #expect(errors(lines) == message)
    }

    @Test func theEnvironmentIsAskedOnlyWhereThatIsWanted() throws {
        var environment = FakeEnvironment()
        environment.variables["https_proxy"] = "http://alice:p%40ss@proxy:3128"
        environment.variables["ALL_PROXY"] = "socks5h://other"
        environment.variables["NO_PROXY"] = "localhost,.example.com 10.0.0.0/8"
        #expect(try settings("", in: environment).secure == nil)
        let proxy = try settings("from_environment = true", in: environment)
        #expect(proxy.secure?.url.description == "http://proxy:3128" && proxy.secure?.user == "alice")
        #expect(proxy.secure?.password == .inline(SecretBytes(Array("p@ss".utf8))))
        #expect(proxy.plain?.url.description == "socks5://other:1080" && proxy.exceptions.count == 3)
        let own = try settings("url = \"http://own\"\nfrom_environment = true", in: environment)
        #expect(own.secure?.url.description == "http://own:80" && own.exceptions.count == 3)
        environment.variables["https_proxy"] = "ftp://alice:s3cret@proxy"
        #expect(
            errors("from_environment = true", in: environment)
                == "7: proxy.from_environment: the variable https_proxy is not the URL of a proxy. Write http://host:port, https://host:port or socks5://host:port."
        )
    }

    @Test func aRouteMayHaveItsOwnOrNone() throws {
        func route(_ lines: String) -> String {
            minimal
                + "[proxy]\nurl = \"http://proxy\"\n[[route]]\nname = \"r\"\nwebhook = \"https://hooks.example.com\"\n"
                + lines
        }
        func proxy(_ lines: String) throws -> RouteProxy? {
            guard case .webhook(let settings) = try parse(route(lines)).routes.first?.target else { return nil }
            return settings.proxy
        }
        #expect(try proxy("") == .inherited)
        #expect(try proxy("proxy = \"none\"") == RouteProxy.none)
        guard case .own(let own)? = try proxy("proxy = \"socks5://p\"\nproxy_user = \"u\"\nproxy_password = \"w\"")
        else {
            Issue.record("it has none of its own")
            return
        }
        #expect(own.url.description == "socks5://p:1080" && own.user == "u" && own.password != nil)
        let wrong = MPushConfigurationTests.errors(
            route("proxy_user = \"u\"\nproxy_password = \"w\"\nproxy = \"none\""))
        #expect(wrong.contains("route[1].proxy_user: has no effect without a proxy of the route's own."), "\(wrong)")
        let misfit = MPushConfigurationTests.errors(
            minimal + "[[route]]\nname = \"r\"\nexec = [\"/usr/bin/logger\"]\nproxy = \"none\"")
        #expect(misfit.contains("route[1].proxy: does not apply to exec, but to webhook."), "\(misfit)")
    }
}
