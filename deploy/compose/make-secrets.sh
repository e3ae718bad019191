#!/usr/bin/env bash
# Makes the secrets that compose.yaml names, in secrets/ beside it. Those that are there
# stay. The certificate is for a first try: put that of your name in its place, with its
# chain and its key in one file.
set -euo pipefail
cd "$(dirname "$0")"

name=${1:-localhost}
umask 077
mkdir -p secrets

keep() { # keep FILE COMMAND...: what the command prints, unless the file is there
  local file=secrets/$1
  [[ -e $file ]] && return
  "${@:2}" >"$file.part"
  # Containers read it under accounts of their own; the folder lets nobody else in.
  chmod 0444 "$file.part"
  mv "$file.part" "$file"
}

certificate() { # for a name; prints it and its key
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
    -subj "/CN=$1" -addext "subjectAltName=DNS:$1" -keyout - -out - 2>/dev/null
}

keep database_password openssl rand -hex 24
keep edge_secret openssl rand -hex 24
keep valkey_password openssl rand -hex 24
keep certificate.pem certificate "$name"
password=$(<secrets/database_password)
url="postgresql://prospectconnect:$password@"
keep database_url echo "${url}pooler:6432/prospectconnect"
keep database_url_direct echo "${url}database:5432/prospectconnect"
keep pooler_users echo "\"prospectconnect\" \"$password\""
