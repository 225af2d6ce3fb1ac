/// What `mpushd --help` says.
enum HelpText {
    static let usage =
        "usage: mpushd run [--config FILE] [--print] | mpushd check [[--config] FILE] | mpushd --help | --version"

    static let help = """
        mpushd keeps a secured connection to an MPush server and hands what is pushed over it to programs.

        \(usage)

        Commands
          run            Run until SIGTERM or SIGINT. mpushctl(1) looks at it and steers it.
            --config FILE, -c FILE   The configuration, \(CommandLineArguments.defaultConfiguration) where not given.
            --print                  Write each message received as one line of JSON to standard output.
          check [FILE]   Read the configuration and everything it names, and say all that is wrong with it.

        Signals
          SIGHUP         Read the configuration again; connections stay where it allows them.
          SIGUSR1        Connect now: skips one wait, or makes a new connection.
          SIGTERM        Close the connections and end.

        Exit status
          0 ended as asked   64 wrong arguments   71 the system refused   74 standard output failed   78 wrong configuration

        """
}
