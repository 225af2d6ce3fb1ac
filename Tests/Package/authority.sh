# A certificate authority made with openssl(1), for tests. Sourced.
# shellcheck shell=bash

# authority_make DIRECTORY NAME: an authority in DIRECTORY/ca.pem.
authority_make() {
    mkdir -p "$1"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=$2" \
        -keyout "$1/ca.key" -out "$1/ca.pem" 2>/dev/null
}

# authority_issue DIRECTORY NAME HOST...: a certificate in DIRECTORY/NAME.pem and its key; of a client where no host is given.
authority_issue() {
    local directory=$1 name=$2 host names='' usage=clientAuth
    shift 2
    for host in "$@"; do names+=,DNS:$host; done
    [ -z "$names" ] || usage=serverAuth
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
        -keyout "$directory/$name.key" -out "$directory/$name.csr" 2>/dev/null
    openssl x509 -req -in "$directory/$name.csr" -CA "$directory/ca.pem" -CAkey "$directory/ca.key" -days 365 \
        -extfile <(printf 'extendedKeyUsage=%s\n%s\n' $usage "${names:+subjectAltName=${names#,}}") \
        -out "$directory/$name.pem" 2>/dev/null
    chmod 644 "$directory/$name.key"
}

# authority_serial FILE: the serial number of a certificate, as nginx and HAProxy write it.
authority_serial() { openssl x509 -in "$1" -noout -serial | cut -d = -f 2; }
