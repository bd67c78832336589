//! Program text of every language is found, prose and data are not: measured over what this machine
//! has of both.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use detect::{DetectorSet, EntityType, Finding, Scanner};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of a kind in a folder.
const FILES_MAX: usize = 300;

fn files(root: &Path, extensions: &[&str], out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_symlink() || out.len() >= FILES_MAX {
            continue;
        }
        if path.is_dir() {
            files(&path, extensions, out);
        } else if path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension)) {
            out.push(path);
        }
    }
}

fn set() -> DetectorSet {
    DetectorSet::builder().enable(EntityType::SourceCode).build().unwrap()
}

fn find(set: &DetectorSet, scanner: &mut Scanner, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    scanner.reset();
    scanner.push(text.as_bytes());
    scanner.boundary();
    scanner.scan(set, &mut found);
    found
}

fn show() -> bool {
    std::env::var_os("SHOW").is_some()
}

fn covered(found: &[Finding]) -> u64 {
    found.iter().map(|finding| finding.end - finding.start).sum()
}

/// What to read, as the environment says or by default, with `SOVEREIGN_SLOW`.
fn corpora(name: &str, default: &str) -> String {
    if std::env::var_os("SOVEREIGN_SLOW").is_none() {
        println!("skipped: SOVEREIGN_SLOW is not set");
        return String::new();
    }
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Reads what code there is: `CODE=language:folder:extension,...`.
#[test]
fn code_of_each_language_is_found() {
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let corpora = corpora("CODE", &format!("rust:{crates}:rs,python:/usr/lib/python3:py,c:/usr/include:h"));
    let set = set();
    let mut scanner = Scanner::new();
    for kind in corpora.split(',').filter(|kind| !kind.is_empty()) {
        let mut parts = kind.split(':');
        let (language, root, extensions) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let mut paths = Vec::new();
        files(Path::new(root), &extensions.split('+').collect::<Vec<_>>(), &mut paths);
        let (mut count, mut hits, mut right, mut bytes, mut inside, mut excerpts, mut excerpt_hits) =
            (0, 0, 0, 0, 0, 0, 0);
        let mut guesses: BTreeMap<String, usize> = BTreeMap::new();
        for path in paths {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let lines: Vec<_> = text.lines().collect();
            if lines.len() < 20 {
                continue;
            }
            let found = find(&set, &mut scanner, &text);
            count += 1;
            hits += usize::from(!found.is_empty());
            bytes += text.len() as u64;
            inside += covered(&found);
            let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
            for finding in &found {
                *sums.entry(set.rule(finding.detector).unwrap()).or_default() += finding.end - finding.start;
            }
            if let Some((guess, _)) = sums.iter().max_by_key(|(_, bytes)| **bytes) {
                right += usize::from(*guess == language);
                *guesses.entry((*guess).to_owned()).or_default() += 1;
            } else if show() {
                eprintln!("MISSED {}", path.display());
            }
            for start in (0..lines.len().saturating_sub(10)).step_by(37).take(5) {
                let is_code = |line: &&&str| {
                    let line = line.trim();
                    !line.is_empty()
                        && !["//", "/*", "* ", "*/", "# ", "--", "#'"].iter().any(|head| line.starts_with(head))
                        && line != "*"
                };
                let excerpt = lines.iter().skip(start).filter(is_code).take(10).copied().collect::<Vec<_>>().join("\n");
                let prompt = format!("Please explain what this does.\n\n{excerpt}\n\nThank you!\n");
                excerpts += 1;
                let is_hit = !find(&set, &mut scanner, &prompt).is_empty();
                excerpt_hits += usize::from(is_hit);
                if show() && !is_hit && excerpts % 5 == 0 {
                    eprintln!("EXCERPT {language}\n{excerpt}");
                }
            }
        }
        eprintln!(
            "{language}: {hits} of {count} files, {right} guessed right {guesses:?}, {}% of bytes; {excerpt_hits} of {excerpts} excerpts of 10 lines",
            inside * 100 / bytes.max(1)
        );
        assert!(hits * 100 >= count * 85 && right * 100 >= count * 80, "{language}: {hits}, {right} of {count}");
    }
}

/// Findings a MB of prose, at most.
const PROSE_FINDINGS_PER_MB_MAX: usize = 3;

/// Reads what prose there is: `PROSE=folder:extension,...`.
#[test]
fn prose_is_no_code() {
    let corpora = corpora("PROSE", "/usr/share/doc:txt");
    let set = set();
    let mut scanner = Scanner::new();
    for kind in corpora.split(',').filter(|kind| !kind.is_empty()) {
        let (root, extensions) = kind.split_once(':').unwrap();
        let mut paths = Vec::new();
        files(Path::new(root), &extensions.split('+').collect::<Vec<_>>(), &mut paths);
        let (mut bytes, mut findings, mut inside) = (0, 0, 0);
        for path in paths {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let found = find(&set, &mut scanner, &text);
            bytes += text.len();
            findings += found.iter().filter(|finding| !finding.continued).count();
            inside += covered(&found);
            for finding in found.iter().filter(|finding| show() && !finding.continued) {
                let at = |offset: u64| usize::try_from(offset).unwrap();
                let text = text.get(at(finding.start)..at(finding.end)).unwrap_or_default();
                eprintln!(
                    "{} {}:\n{}",
                    path.display(),
                    set.rule(finding.detector).unwrap(),
                    text.chars().take(400).collect::<String>()
                );
            }
        }
        eprintln!("{root} {extensions}: {findings} findings, {inside} of {bytes} bytes");
        assert!(findings <= ((bytes >> 20) + 1) * PROSE_FINDINGS_PER_MB_MAX, "{root}: {findings} in {bytes} bytes");
    }
}

/// A function or so of each language, written for this test.
const CODE: &[(&str, &str)] = &[
    (
        "rust",
        "pub fn total(items: &[Item]) -> Result<u64, Error> {\n    let mut sum = 0;\n    for item in items {\n        sum += item.price.ok_or(Error::Missing)?;\n    }\n    Ok(sum)\n}\n",
    ),
    (
        "python",
        "def total(items):\n    result = 0\n    for item in items:\n        if item.price is not None:\n            result += item.price\n    return result\n",
    ),
    (
        "javascript",
        "export function total(items) {\n  const sum = items.reduce((a, b) => a + b.price, 0);\n  if (sum === 0) {\n    console.log('nothing');\n  }\n  return sum;\n}\n",
    ),
    (
        "typescript",
        "export interface Item {\n  name: string;\n  price: number;\n}\nexport const total = (items: Item[]): number => {\n  return items.reduce((a, b) => a + b.price, 0);\n};\n",
    ),
    (
        "java",
        "import java.util.List;\n\npublic class Total {\n    public static int of(List<Item> items) {\n        int sum = 0;\n        for (Item item : items) {\n            sum += item.getPrice();\n        }\n        System.out.println(sum);\n        return sum;\n    }\n}\n",
    ),
    (
        "kotlin",
        "data class Item(val name: String, val price: Int)\n\nfun total(items: List<Item>): Int {\n    val sum = items.sumOf { it.price }\n    println(\"sum $sum\")\n    return sum\n}\n",
    ),
    (
        "c",
        "#include <stdio.h>\n\nint main(void) {\n    unsigned total = 0;\n    for (int i = 0; i < 9; i++) {\n        total += i;\n    }\n    printf(\"%u\\n\", total);\n    return 0;\n}\n",
    ),
    (
        "cpp",
        "#include <vector>\nusing namespace std;\n\nint total(const std::vector<int>& items) {\n    int sum = 0;\n    for (const auto& item : items) {\n        sum += item;\n    }\n    std::cout << sum << std::endl;\n    return sum;\n}\n",
    ),
    (
        "csharp",
        "using System;\n\nnamespace Shop\n{\n    public class Item\n    {\n        public string Name { get; set; }\n        public int Price { get; set; }\n        public void Show() => Console.WriteLine(Name);\n    }\n}\n",
    ),
    (
        "go",
        "package main\n\nimport \"fmt\"\n\nfunc total(items []Item) (int, error) {\n\tsum := 0\n\tfor _, item := range items {\n\t\tsum += item.price\n\t}\n\tfmt.Println(sum)\n\treturn sum, nil\n}\n",
    ),
    (
        "ruby",
        "class Total\n  attr_reader :items\n\n  def initialize(items)\n    @items = items\n  end\n\n  def sum\n    items.map(&:price).reduce(0) { |a, b| a + b }\n  end\nend\n",
    ),
    (
        "php",
        "<?php\n\nclass Total\n{\n    public function sum(array $items)\n    {\n        $sum = 0;\n        foreach ($items as $item) {\n            $sum += $item->price;\n        }\n        return $this->round($sum);\n    }\n}\n",
    ),
    (
        "swift",
        "import Foundation\n\nstruct Item {\n    let price: Int\n}\n\nfunc total(_ items: [Item]) -> Int {\n    guard !items.isEmpty else { return 0 }\n    return items.reduce(0) { $0 + $1.price }\n}\n",
    ),
    (
        "scala",
        "object Total {\n  case class Item(name: String, price: Int)\n\n  def sum(items: Seq[Item]): Int = {\n    val prices = items.map(_.price)\n    prices.sum\n  }\n}\n",
    ),
    (
        "sql",
        "SELECT customer.name, SUM(orders.price)\nFROM orders\nINNER JOIN customer ON customer.id = orders.customer_id\nWHERE orders.paid = 1\nGROUP BY customer.name\nORDER BY 2 DESC;\n",
    ),
    (
        "shell",
        "#!/bin/bash\nset -euo pipefail\nfor file in \"$@\"; do\n    if [ -f \"$file\" ]; then\n        gzip -9 \"$file\" 2>/dev/null || exit 1\n    fi\ndone\n",
    ),
    (
        "powershell",
        "param([string]$Path)\n$files = Get-ChildItem -Path $Path\nforeach ($file in $files) {\n    if ($file.Length -eq 0) {\n        Write-Host \"empty: $file\"\n    }\n}\n",
    ),
    (
        "perl",
        "use strict;\nuse warnings;\n\nsub total {\n    my ($items) = @_;\n    my $sum = 0;\n    foreach my $item (@$items) {\n        $sum += $item->{price};\n    }\n    return $sum;\n}\n",
    ),
    (
        "r",
        "library(dplyr)\nprices <- c(1, 2, 3)\ntotal <- function(x) {\n  sum(x, na.rm = TRUE)\n}\nframe <- data.frame(price = prices)\nprint(total(frame$price))\n",
    ),
    (
        "lua",
        "local function total(items)\n  local sum = 0\n  for _, item in ipairs(items) do\n    if item.price ~= nil then\n      sum = sum + item.price\n    end\n  end\n  return sum\nend\n",
    ),
    (
        "haskell",
        "module Total (total) where\n\nimport qualified Data.Map as Map\n\ntotal :: [Item] -> Int\ntotal [] = 0\ntotal (x:xs) = price x + total xs\n\ndata Item = Item { price :: Int } deriving (Show)\n",
    ),
    (
        "html",
        "<!DOCTYPE html>\n<html>\n<head>\n  <title>Items</title>\n</head>\n<body>\n  <div class=\"items\">\n    <p>Nothing</p>\n  </div>\n</body>\n</html>\n",
    ),
    (
        "css",
        ".items {\n  margin: 0 auto;\n  padding: 4px;\n  color: #333;\n}\n\n.items:hover {\n  background: none;\n}\n",
    ),
];

/// What is no program, however it looks.
const NO_CODE: &[&str] = &[
    "Dear all,\n\nplease find the minutes (draft) below; comments are welcome until Friday.\nWe agreed to\n  - order paper;\n  - call the printer (again);\n  - return the keys.\n\nfor the board (Jane)\n",
    "2026-01-02 10:00:00 INFO  [main] server.start(port=80) = ok\n2026-01-02 10:00:01 WARN  [main] cache.get(\"x\") == null;\n2026-01-02 10:00:02 INFO  [main] if (x) { retry(); }\n2026-01-02 10:00:03 INFO  [main] return done;\n2026-01-02 10:00:04 INFO  [main] bye();\n",
    "{\n  \"name\": \"x\",\n  \"import\": [\"a\", \"b\"],\n  \"const\": { \"let\": true },\n  \"function\": \"return x;\",\n  \"list\": [1, 2, 3]\n}\n",
    "name,price,count\n\"a\",1,2\n\"b\",3,4\n\"c\",5,6\n\"d\",7,8\n\"e\",9,10\n",
    "version: 3\nservices:\n  web:\n    image: nginx\n    ports:\n      - 80:80\n    environment:\n      - A=b\n  db:\n    image: postgres\n",
    "[package]\nname = \"x\"\nversion = \"1\"\n\n[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\nlibc = \"0.2\"\n",
    "| name | type |\n| --- | --- |\n| `foo()` | int |\n| `bar(x)` | void |\n| `let y = x;` | const |\n| `return` | if |\n",
    "Traceback:\n    at com.example.Main.run(Main.java:12)\n    at com.example.Main.main(Main.java:7)\n    at java.base/java.lang.Thread.run(Thread.java:833)\n    at com.example.Other.call(Other.java:1)\n",
    "You can call `foo(x)` or `bar(y);` here.\nUse `let x = 1;` if you like, and `return x;` at the end.\nThen `import os` and `def f(x):` are Python.\nWhile `for (;;) {` is C, `fn main() {` is Rust.\nIt is `SELECT * FROM t;` in SQL.\n",
    "What does `let mut x = vec![1];` do?\n",
    "From: a@example.com\nTo: b@example.com\nSubject: for while return (if)\nDate: Mon, 1 Jan 2026 10:00:00 +0000\nMessage-ID: <x@example.com>\n\nHi,\nthe class starts at 9.\n",
];

#[test]
fn a_function_of_each_language_is_found_and_guessed() {
    let set = set();
    let mut scanner = Scanner::new();
    for (language, code) in CODE {
        let prompt = format!("Can you review this for me, please?\n\n{code}\nThanks a lot!\n");
        let found = find(&set, &mut scanner, &prompt);
        let guesses: Vec<_> = found.iter().map(|finding| set.rule(finding.detector).unwrap()).collect();
        assert_eq!(guesses, [*language], "{code}");
        let at = |offset: u64| usize::try_from(offset).unwrap();
        let text = prompt.get(at(found[0].start)..at(found[0].end)).unwrap();
        assert!(text.len() * 10 >= code.len() * 7 && code.contains(text), "{text:?} of {code:?}");
    }
}

#[test]
fn what_only_looks_like_code_is_none() {
    let set = set();
    for text in NO_CODE {
        assert_eq!(find(&set, &mut Scanner::new(), text), [], "{text}");
    }
}

#[test]
fn three_lines_between_fences_are_enough_and_data_is_not() {
    let set = set();
    let count = |text: &str| find(&set, &mut Scanner::new(), text).len();
    assert_eq!(count("Look:\n```rust\nlet mut x = f(1);\nlet y = g(x);\nx += y;\n```\n"), 1);
    assert_eq!(count("Look:\n```json\nlet mut x = f(1);\nlet y = g(x);\nx += y;\nfn f() {\n```\n"), 0);
    assert_eq!(count("Look:\n```bash\nnpm install x\nnpm start\nnpm test\n```\n"), 0);
}
