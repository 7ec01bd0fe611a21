//! Sources of many languages, and the definitions found in them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::super::code::blocks;
use super::super::lines::lines;
use super::*;

/// Returns the definitions, each after one dot for each definition around it, with its lines.
fn outline(source: &str) -> Vec<String> {
    let lines = lines(source);
    let describe = |d: &Definition| format!("{}{} {}-{}", ".".repeat(d.depth - 1), d.found.title, d.first + 1, d.end);
    definitions(source, &lines).iter().map(describe).collect()
}

#[track_caller]
fn assert_outline(source: &str, expected: &[&str]) {
    assert_eq!(outline(source), expected, "{source}");
    // Nothing is left out, and blocks are in order.
    let mut covered = 0;
    for block in blocks(source) {
        assert!(block.bytes.start >= covered && source[covered..block.bytes.start].trim().is_empty());
        assert!(block.bytes.end > block.bytes.start);
        covered = block.bytes.end;
    }
    assert!(source[covered..].trim().is_empty());
}

#[test]
fn definitions_of_rust() {
    assert_outline(
        "//! Doc.\n\nuse std::fmt;\n\n/// A.\n#[derive(\n    Debug,\n)]\npub(crate) struct A<T> {\n    a: T,\n}\n\nimpl<T> fmt::Display for A<T>\nwhere\n    T: X,\n{\n    /// F.\n    #[inline]\n    pub async unsafe fn fmt(&self) -> R {\n        match a {\n        }\n    }\n\n    fn short(&self) {}\n\n    fn long(\n        &self,\n    ) -> R {\n        1\n    }\n}\n\nmacro_rules! m {\n    () => {};\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {\n        a\n    }\n}\nconst A: [u8; 2] = [\n    1,\n];\n",
        &[
            "struct A 5-11",
            "impl fmt::Display for A<T> 13-31",
            ".fn fmt 17-22",
            ".fn long 26-30",
            "macro_rules m 33-35",
            "mod tests 37-43",
            ".fn t 39-42",
        ],
    );
}

#[test]
fn definitions_of_python() {
    assert_outline(
        "import os\n\n# About A.\n@dataclass(\n    frozen=True,\n)\nclass A(Base):\n    \"\"\"Doc\ndef no():\n    pass\n    \"\"\"\n\n    x: int = 1\n\n    @property\n    async def f(\n        self,\n    ) -> int:\n        # c\n# less indented\n        def inner():\n            return 1\n        return inner\n\n    def g(self): return 1\n\n\nif __name__ == \"__main__\":\n    main()\n",
        &["class A 3-25", ".def f 15-23", "..def inner 19-22"],
    );
}

#[test]
fn definitions_of_javascript_and_typescript() {
    assert_outline(
        "import x from 'x';\n\n/**\n * Doc.\n */\nexport default class A extends B {\n  constructor(a) {\n    super(a);\n  }\n\n  static async go({ a, b }: P): Promise<void> {\n    if (a) {\n      b();\n    }\n  }\n\n  get x() {\n    return 1;\n  }\n}\n\nexport const f = async (a: string): Promise<X> => {\n  return a;\n};\n\nconst g = (\n  a,\n) => {\n  return a;\n};\n\nfunction* h() {\n  yield 1;\n}\n\nexports.k = function (a) {\n  return a;\n};\n\nexport interface P {\n  a: string;\n}\n\nexport type Q = {\n  b: string;\n};\n\ndescribe('adding', () => {\n  it('adds', async () => {\n    expect(1);\n  });\n});\n\nfoo(a, () => {\n  b();\n});\nif (a) {\n  b();\n}\n",
        &[
            "class A 3-20",
            ".constructor 7-9",
            ".go 11-15",
            ".x 17-19",
            "const f 22-24",
            "const g 26-30",
            "function h 32-34",
            "exports.k 36-38",
            "interface P 40-42",
            "type Q 44-46",
            "describe adding 48-52",
            ".it adds 49-51",
        ],
    );
}

#[test]
fn comments_belong_to_the_definition_directly_below() {
    assert_outline(
        "// About all of this.\n\nf() {\n  a\n}\n\n// G,\n// spaced.\n\ng() {\n  a\n}\n\n// Far.\n\n\nh() {\n  a\n}\n",
        &["f 3-5", "g 7-12", "h 17-19"],
    );
}

#[test]
fn definitions_of_go() {
    assert_outline(
        "package main\n\nimport (\n\t\"fmt\"\n)\n\n// T is.\ntype T struct {\n\tA int\n}\n\ntype I interface {\n\tF()\n}\n\n// F does.\nfunc (t *T) F(a int) error {\n\tif a {\n\t\treturn nil\n\t}\n\tgo func() {\n\t\tx()\n\t}()\n\treturn nil\n}\n\nfunc Map[K any](\n\ta K,\n) {\n\tfmt.Println()\n}\n",
        &["type T 7-10", "type I 12-14", "func (t *T) F 16-25", "func Map 27-31"],
    );
}

#[test]
fn definitions_of_java_and_c_sharp() {
    assert_outline(
        "package a;\n\n/**\n * Doc.\n */\n@Service(\"x\")\npublic final class A extends B implements C {\n\n    private final Map<String, Integer> m = new HashMap<>();\n\n    /** F. */\n    @Override\n    public <T> List<T> f(int a, Map<String, T> b) throws E {\n        for (int i = 0; i < a; i++) {\n            g(i);\n        }\n        return new ArrayList<>();\n    }\n\n    public A(int a) {\n        this.a = a;\n    }\n\n    enum Kind {\n        X, Y\n    }\n}\n",
        &["class A 3-27", ".f 11-18", ".A 20-22", ".enum Kind 24-26"],
    );
    assert_outline(
        "using X;\n\nnamespace N.M\n{\n    [Serializable]\n    public sealed class A : B\n    {\n        public int P { get; set; }\n\n        public A(int a) : base(a)\n        {\n            x();\n        }\n\n        [Test]\n        public async Task<int> F<T>(T a)\n            where T : class\n        {\n            return 1;\n        }\n    }\n\n    public record R(int A)\n    {\n        int x;\n    }\n}\n",
        &["namespace N.M 3-27", ".class A 5-21", "..A 10-13", "..F 15-20", ".record R 23-26"],
    );
}

#[test]
fn definitions_of_c_and_cpp() {
    assert_outline(
        "#include <a.h>\n\n/* Doc. */\nstatic int\nf(int a,\n  int b)\n{\n#ifdef X\n\tif (a)\n\t\tgoto out;\n#endif\nout:\n\treturn 0;\n}\n\nstruct point *make(int x) {\n    return 0;\n}\n\nstruct point {\n    int x;\n};\n\nint g(void);\n\nint main(int argc, char **argv)\n{\n    return g();\n}\n",
        &["f 3-14", "make 16-18", "struct point 20-22", "main 26-29"],
    );
    assert_outline(
        "namespace a {\n\ntemplate <typename T>\nclass API_EXPORT A : public B<T> {\npublic:\n    explicit A(int a) : a_(a), b_{1} {\n        x();\n    }\n    bool operator==(const A& o) const noexcept {\n        return true;\n    }\nprivate:\n    int a_;\n};\n\nA::A(int a)\n    : a_(a)\n{\n    y();\n}\n\nauto A::f(int x) const -> int {\n    return x;\n}\n\n}  // namespace a\n\nextern \"C\" {\n    int g(int a) {\n        return a;\n    }\n}\n",
        &["class A 3-14", ".A 6-8", ".operator== 9-11", "A::A 16-20", "A::f 22-24", "extern \"C\" 28-32", ".g 29-31"],
    );
}

#[test]
fn definitions_of_ruby_php_and_perl() {
    assert_outline(
        "require 'x'\n\nmodule M\n  # About.\n  class A < B\n    attr_reader :x\n\n    def initialize(x)\n      @x = x\n    end\n\n    def self.ok? a\n      a\n    end\n\n    def ==(o)\n      true\n    rescue E\n      false\n    end\n  end\nend\n\nRSpec.describe A do\nend\n",
        &["module M 3-22", ".class A 4-21", "..def initialize 8-10", "..def self.ok? 12-14", "..def == 16-20"],
    );
    assert_outline(
        "<?php\nnamespace App;\n\nabstract class A implements B\n{\n    public static function f(int $a): ?string\n    {\n        return null;\n    }\n}\n\nfunction g($a) {\n    return 1;\n}\n",
        &["class A 4-10", ".function f 6-9", "function g 12-14"],
    );
    assert_outline("package A;\n\nsub new {\n    my $x = shift;\n}\n", &["sub new 3-5"]);
}

#[test]
fn definitions_of_kotlin_swift_and_scala() {
    assert_outline(
        "package a\n\n/** Doc. */\ndata class A(val x: Int) : B() {\n    companion object {\n        fun of(x: Int) = A(x)\n        val y = 1\n    }\n\n    override suspend fun <T> List<T>.f(a: T): Int {\n        return 1\n    }\n}\n\nobject O : P {\n    val x = 1\n}\n\nfun String.g() =\n    length\n",
        &["class A 3-13", ".object 5-8", ".fun List<T>.f 10-12", "object O 15-17", "fun String.g 19-20"],
    );
    assert_outline(
        "import UIKit\n\n/// Doc.\n@objc public final class A: B {\n    let x = 1\n\n    init(x: Int) {\n        self.x = x\n    }\n\n    func f<T>(a: T) -> Int where T: P {\n        guard let a = a else {\n            return 0\n        }\n        return 1\n    }\n}\n\nextension A: P {\n    var y: Int { 1 }\n}\n",
        &["class A 3-17", ".init 7-9", ".func f 11-16", "extension A 19-21"],
    );
    assert_outline("case class A(x: Int) {\n  def f: Int =\n    1\n}\n", &["class A 1-4", ".def f 2-3"]);
}

#[test]
fn definitions_of_shell_and_sql() {
    assert_outline(
        "#!/bin/bash\nset -e\n\n# Doc.\nbuild() {\n  for x in a; do\n    echo x\n  done\n}\n\nfunction run-all {\n  build\n}\n\nbuild \"$@\"\n",
        &["build 4-9", "function run-all 11-13"],
    );
    assert_outline(
        "-- Users.\nCREATE TABLE IF NOT EXISTS users (\n  id INT\n);\n\nSELECT 1;\n\ncreate or replace function f(a int) returns int as $$\nbegin\n  return 1;\nend;\n$$ language plpgsql;\n\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\nEND;\n\nINSERT INTO x\nVALUES (1);\n",
        &["CREATE TABLE users 1-4", "create function f 8-12", "CREATE PROCEDURE p 14-17"],
    );
}

#[test]
fn definitions_of_other_languages() {
    assert_outline(
        "local M = {}\n\nfunction M.f(a)\n  return a\nend\n\nM.g = function(b)\n  return b\nend\n\nlocal function h()\n  x()\nend\n",
        &["function M.f 3-5", "M.g 7-9", "function h 11-13"],
    );
    assert_outline(
        "module A where\n\n-- | Doc.\nf :: Int -> Int\nf 0 = 1\nf n =\n  n\n\ndata T = A\n  | B\n\ninstance Show T where\n  show A = \"a\"\n",
        &["f 3-7", "data T 9-10", "instance Show T 12-13"],
    );
    assert_outline("let rec f x y =\n  x + y\n\nlet z = 1\n\ntype t =\n  | A\n", &["let f 1-2", "type t 6-7"]);
    assert_outline(
        "defmodule A.B do\n  @doc \"x\"\n  def f(a) do\n    a\n  end\nend\n",
        &["defmodule A.B 1-6", ".def f 2-5"],
    );
    assert_outline("-module(a).\n\nf(X) ->\n    X.\n", &["f 3-4"]);
    assert_outline("(defn f\n  [x]\n  x)\n\n(def y 1)\n", &["defn f 1-3"]);
    assert_outline("resource \"aws_x\" \"y\" {\n  a = 1\n}\n", &["resource \"aws_x\" \"y\" 1-3"]);
    assert_outline(
        "syntax = \"proto3\";\n\nmessage A {\n  int32 a = 1;\n}\n\nservice S {\n  rpc F(A) returns (A);\n}\n",
        &["message A 3-5", "service S 7-9"],
    );
    assert_outline("f <- function(x) {\n  x\n}\n", &["f 1-3"]);
    assert_outline(
        "Public Class A\n    Public Function F(a As Integer) As Integer\n        Return 1\n    End Function\nEnd Class\n",
        &["Class A 1-5", ".Function F 2-4"],
    );
}

#[test]
fn data_prose_and_statements_have_no_definitions() {
    for source in [
        "{\n  \"type\": \"x\",\n  \"class\": {\n    \"a\": 1\n  }\n}\n",
        "class: a\ntype: b\nservices:\n  web:\n    image: x\n  function: y\n",
        "[package]\nname = \"x\"\n\n[dependencies]\na = { version = 1 }\n",
        ".a > .b {\n  color: red;\n}\n@media (max-width: 1px) {\n  .a:not(.b) {\n    x: y;\n  }\n}\n",
        "<svg>\n  <g class=\"a\">\n    <path/>\n  </g>\n</svg>\n",
        "FROM a\nRUN b && \\\n    c\n",
        "all: a\n\tcc a.c\n\nclean:\n\trm a\n",
        "while (a) {\n  b();\n}\nfoo(function () {\n  b();\n});\nreturn f(a) {\n  b\n};\nx.map(a) {\n  b\n}\n",
        "class of things is\n  what we mean by type of\nfunction that returns\n  a module for\n",
        "diff --git a b\n--- a\n+++ b\n@@ -1 +1 @@\n fn a() {\n+    b\n }\n",
        "a,b,c\n1,2,3\n",
        "let x = 5\nconst y = {\n  a: 1,\n};\nvar z = f(\n  1,\n)\n",
        "",
        "\n\n",
    ] {
        assert_outline(source, &[]);
    }
}
