package dev.millrace.opam;

import java.util.List;

/**
 * Inputs for {@link FuzzTargets} that together reach nearly all of what reads opam files. One that
 * once did harm is added.
 */
final class FuzzCorpus {
  private static final String HEAD = "fopam-version: \"2.0\"\n";

  static final List<String> ALL =
      List.of(
          HEAD
              + """
              # A package
              name: "x" version: "1.0~rc1"
              synopsis: "An example of all \\\\ \\"fields\\" \\'\\n\\r\\t\\b\\ \\065\\x41"
              description: \"""
              Long "text" ""with quotes, \\
                 joined lines %{name}% %% and %{unclosed\"""
              maintainer: ["a@b.c" "d"] authors: "me" license: "ISC" tags: ["org:x" "flags:conf"]
              homepage: "https://x.org/" bug-reports: "https://x.org/b" doc: "https://x.org/d"
              dev-repo: "git+https://x.org/x.git"
              flags: [ avoid-version light-uninstall odd-flag ]
              depends: [
                "ocaml" {>= "4.08" & < "5.4~" & != "5.0.0"}
                ("a" {with-test} | "b" {= version} & "c" {!(build | dev) post})
                "a+b" {with-doc & (os = "linux" | ?arch & "%{arch}%" != "x86_64")}
              ]
              depopts: [ "d" | "e" {<= "2"} ]
              conflicts: [ "f" {> "1" & < "2"} "g" ]
              conflict-class: [ "k" "l" ]
              available: os != "win32" & (arch = "x86_64" | opam-version >= "2.1")
              """
                  .stripIndent(),
          HEAD
              + """
              (* comments (* nested *) # *)
              build: [
                ["dune" "build" "-p" name "-j" jobs "@runtest" {with-test}] {os = "linux"}
                [make "%{a+b:installed?yes:no}%" _:lib p:enable "--%{ocaml:native?on:off}%"]
              ]
              install: [make "install"] remove: ["rm" "-f" "%{bin}%/x"]
              run-test: [["dune" "test"] {with-test}] build-test: ["t"] build-doc: [["d"]]
              substs: ["a" "b.in"] patches: ["p" {os = "macos"} "q"]
              setenv: [[PATH += "x"] [A = "b"] [B =+ "c"] [C := "d"] [D =: "e"] [E =+= "f"]]
              messages: ["m" {failure}] post-messages: [["n"]]
              depexts: [ ["libx"] {os-family = "debian"} [["debian"] ["liby"]] ]
              pin-depends: [["y.1" "git+https://y.org"]]
              extra-files: [["f" "md5=d41d8cd98f00b204e9800998ecf8427e"]]
              x-any: [ -1_0 true ("a" b) {c d} _:e !f ?g ~ "1" 4ever ]
              url { src: "https://x.org/x.tgz" mirrors: ["https://y.org"] subpath: "s"
                checksum: ["md5=d41d8cd98f00b204e9800998ecf8427e" "sha256=00"] }
              extra-source "s" { src: "https://x.org/s" checksum: "sha1=x" }
              odd: 1 name: 2 ocaml-version: [> "4"] os: "linux" libraries: "x" author: "a"
              """
                  .stripIndent(),
          "fopam-version: \"2.1\"\nname: \"x\"\nopam-version: \"2.1\"\n",
          "fname: \"x\"\nopam-version: \"2.1\"\n",
          "fopam-version: \"9.9\"\nname: @\n",
          HEAD + "depends: [\"a\" {>= 1}] available: [\"x\" 1] flags: \"x\" build: [[1]]\r\n",
          HEAD + "depends: \"a\" build: \"x\" depexts: [\"a\" \"b\"] conflict-class: \"\" url: 1",
          HEAD + "available: \"open",
          HEAD + "available: (* open",
          HEAD + "synopsis: \"\\q\"",
          HEAD + "x-any: [! = \"1\" !? = \"2\" {a}]",
          HEAD + "x: 99999999999999999999",
          // Short ones, in which a change soon meets what matters.
          HEAD + "x: [[[a]]]",
          HEAD + "x: ((a))",
          HEAD + "x: a {b} c: \"d\" {}",
          HEAD + "x: [!a ?b] y: 1 < z",
          HEAD + "x: -12 y: \"\"",
          HEAD + "s {a: 1} t \"u\" {}",
          "v~~\n~\n",
          "v1.0-test\n1.0\n1.00",
          "vx.1.0~~beta2\n~beta10\n0.1a01",
          "d\"foo\" {>= \"1.2\" & with-test} (\"b\" | \"c\" {= version & !(x | < \"2\")})",
          "d\"a\" {with-test & (build | post)} | \"b\" {!dev & = \"1.0~rc1\"} & (\"c\" {> \"%{a}%\"})",
          "d\"foo\" {>= \"1.2\" & = nothing} (\"b\" | \"c\" {= version & !(x | < \"2\")})",
          "aos = \"linux\" & !(arch != \"x86_64\" | \"%{a}%\" <= \"2\") | ?b & a+b:installed",
          "a(\"%{c}% %% %{a?x:y}%\" = w) | ocaml:native & _:x & ocaml:enable = \"enable\" & (b | !b)");

  private FuzzCorpus() {}
}
