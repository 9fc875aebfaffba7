# What ./millrace and ./test share, for POSIX sh: finding a JDK, installing packages, running Maven. Sourced, with $home set.

# Says something to the person, apart from what the command prints.
say() { printf '%s\n' "$*" >&2; }

# find_jdk: sets JAVA_HOME to a JDK 25 or newer (JAVA_HOME itself, under /usr/lib/jvm, the PATH's), oldest first
# so that the choice does not change when a newer one is added; and jdk_release to its exact version.
# Reads "release" files instead of running "java -version", which would cost each start 50 ms. Fails if there is none.
find_jdk() {
  for jdk in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /usr/lib/jvm/*; do
    ! jdk_fits "$jdk" || return 0
  done
  jdk=$(command -v javac 2>/dev/null) || return 1
  jdk=$(readlink -f -- "$jdk") || return 1
  jdk_fits "${jdk%/bin/javac}"
}

# A home of a JDK (not of a mere runtime) of version 25 or newer?
jdk_fits() {
  [ -n "$1" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS='=' read -r key value; do
    [ "$key" = JAVA_RUNTIME_VERSION ] || continue
    value=${value#\"}
    value=${value%\"}
    major=${value%%[!0-9]*}
    [ -n "$major" ] && [ "$major" -ge 25 ] || return 1
    JAVA_HOME=$1
    jdk_release=$value
    export JAVA_HOME
    return 0
  done <"$1/release"
  return 1
}

# The same, installing one where the distribution packages it and we may.
require_jdk() {
  ! find_jdk || return 0
  if install_packages "a JDK 25" openjdk-25-jdk-headless && find_jdk; then
    return 0
  fi
  say "millrace: no JDK 25 found: not in JAVA_HOME (${JAVA_HOME:-not set}), not under /usr/lib/jvm, not in PATH."
  say "  Debian 13:      apt-get install openjdk-25-jdk-headless   (./millrace does it when run as root)"
  say "  other systems:  install any JDK 25, or unpack one and set JAVA_HOME to its folder."
  return 1
}

# install_packages WHAT PACKAGE...: with apt, as root, naming each first; fails quietly where that is impossible.
install_packages() {
  what=$1
  shift
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  mkdir -p "$home/target"
  apt_knows "$@" || apt_update && apt_knows "$@" || return 1
  say "millrace: installing $what: $*"
  # A list that is too old names files that are gone.
  apt_install "$@" || { apt_update && apt_install "$@"; } && return 0
  say "millrace: apt-get install $* failed; the end of $home/target/apt.log:"
  tail -n 5 "$home/target/apt.log" >&2
  return 1
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@" >"$home/target/apt.log" 2>&1 </dev/null
}

apt_update() {
  say "millrace: reading the distribution's list of packages (apt-get update)"
  apt-get -q update >"$home/target/apt.log" 2>&1 </dev/null || true
}

apt_knows() {
  for package; do
    apt-cache show "$package" 2>/dev/null | grep -q '^Package:' || return 1
  done
}

# Maven's wrapper unpacks Maven with unzip; only a machine that has never run Maven before needs it.
require_unzip() {
  command -v unzip >/dev/null || [ -d "${MAVEN_USER_HOME:-${HOME:-}/.m2}/wrapper/dists" ] ||
    install_packages "what Maven's wrapper needs" unzip || {
    say "millrace: unzip is needed to unpack Maven: install the package unzip."
    return 1
  }
}

# maven LOG ARGUMENT...: one line per module on standard error, everything in LOG, the exit status of Maven.
maven() {
  log=$1
  shift
  (
    cd "$home" || exit 1
    ./mvnw -B "$@" 2>&1 </dev/null
    echo "exit=$?"
  ) | tee "$log" | tell_progress >&2
  [ "$(tail -n 1 "$log")" != exit=0 ] || return 0
  if grep -q '^\[ERROR\].*trusted checksum' "$log"; then
    say "millrace: what Maven was about to use is not what .mvn/checksums lists. Did you change a dependency? Then run"
    say "  .mvn/record-checksums and commit the difference. If not, do not: something was tampered with or damaged."
  fi
  # Maven's own mistakes are told by now; those of what starts it are not.
  grep -q '^\[ERROR\]' "$log" || tail -n 11 "$log" | grep -v '^exit=' >&2
  return 1
}

# Maven's output to what a person wants to see of it: each module as it begins, each group of tests that took long,
# and the errors. A shell loop, as awk and sed hold lines back.
tell_progress() {
  errors=0
  while IFS= read -r line; do
    case $line in
    '[INFO] Building millrace'*'['*/*']')
      line=${line#'[INFO] Building '}
      printf '%s  %s\n' "$(date +%H:%M:%S)" "${line%% *} [${line##*'['}"
      ;;
    '[ERROR]'* | '[WARNING] /'*)
      errors=$((errors + 1))
      [ $errors -gt 40 ] || printf '%s\n' "$line"
      ;;
    esac
  done
}

# locked COMMAND...: one build at a time in this tree; waits, and says so, while another one is at work.
locked() {
  mkdir -p "$home/target"
  if command -v flock >/dev/null; then
    exec 9>"$home/target/build.lock"
    flock -n 9 || {
      say "millrace: waiting for another build in $home"
      flock 9
    }
  fi
  "$@" 9>&-
  status=$?
  exec 9>&-
  return $status
}
