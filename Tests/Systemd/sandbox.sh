# What every script that runs in the sandbox has: checks, the service, a simulator. To be read first.
# shellcheck shell=bash source-path=SCRIPTDIR
project=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
# shellcheck source=../Systemd/checks.sh
. "$project/Tests/Systemd/checks.sh"
# shellcheck source=../Systemd/service.sh
. "$project/Tests/Systemd/service.sh"
# shellcheck source=../Systemd/simulator.sh
. "$project/Tests/Systemd/simulator.sh"
