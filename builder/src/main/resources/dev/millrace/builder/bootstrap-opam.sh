#!/bin/sh
# Makes a base image for OCaml's CI of a fresh Debian with ocaml and opam: a user opam (1000) who may
# do everything by sudo, opam without a sandbox of its own (the step has one), and one switch with
# the distribution's compiler, called MAJOR.MINOR. Needs no network.
# Arguments: the root directory; OCAML in the environment is the expected MAJOR.MINOR.
set -eu
root=$1
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

echo builder > "$root/etc/hostname"
printf 'Acquire::Retries "5";\n' > "$root/etc/apt/apt.conf.d/80retries"

OCAML=$OCAML chroot "$root" /bin/sh -eu <<'INSIDE'
version=$(ocamlc -version)
case $version in
  "$OCAML".*) ;;
  *) echo "the distribution has OCaml $version, expected $OCAML" >&2; exit 1 ;;
esac
echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections

useradd --uid 1000 --user-group --create-home --shell /bin/bash opam
passwd --quiet --lock opam
printf 'opam ALL=(ALL:ALL) NOPASSWD:ALL\n' > /etc/sudoers.d/opam
chmod 440 /etc/sudoers.d/opam

opam=$(opam --version | cut -d. -f1,2)
ln /usr/bin/opam "/usr/bin/opam-$opam"

cat > /home/opam/.opamrc <<'OPAMRC'
wrap-build-commands: []
wrap-install-commands: []
wrap-remove-commands: []
required-tools: []
OPAMRC

package=/home/opam/opam-repository/packages/ocaml-system/ocaml-system.$version
mkdir -p "$package"
echo 'opam-version: "2.0"' > /home/opam/opam-repository/repo
cat > "$package/opam" <<OPAM
opam-version: "2.0"
synopsis: "The distribution's OCaml compiler"
maintainer: "Millrace"
available: sys-ocaml-version = "$version"
flags: compiler
OPAM
chown -R opam:opam /home/opam

as_opam() {
  setpriv --reuid opam --regid opam --init-groups --inh-caps=-all -- \
    env -i "HOME=/home/opam" "PATH=$PATH" OPAMYES=1 sh -c 'cd && exec "$@"' - "$@"
}
as_opam git config --global user.name "Millrace"
as_opam git config --global user.email "opam@builder.invalid"
as_opam git config --global gc.autoDetach false
as_opam opam init --no-setup --bare --kind local default /home/opam/opam-repository
# By itself opam leaves a processor idle. Releases before 2.2 stumble over the setting.
case $opam in
  2.0 | 2.1) ;;
  *) as_opam opam option --global "jobs=$(nproc)" ;;
esac
as_opam opam switch create "$OCAML" "--packages=ocaml-system.$version"
as_opam opam list --installed
INSIDE
